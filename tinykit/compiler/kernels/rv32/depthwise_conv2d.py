"""DEPTHWISE_CONV_2D of depth multiplier 1: any window, strides 1 and 2."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tinykit.compiler.kernels.base import ConstArray, KernelCall, ParamValue
from tinykit.compiler.kernels.checks import int8_quantization, uint16
from tinykit.compiler.kernels.rv32.output import Rv32Output, is_rv32, rv32_output
from tinykit.compiler.kernels.variants import SumTask, variant_of
from tinykit.compiler.kernels.window import Axis

# Ways of tk_rv32_filter.
_3X3, _3X3_ANY, _3X3_BY_2, _ANY, _ANY_BY_2 = range(5)


@dataclass(frozen=True, eq=False)
class _Geometry:
    """How a channel is filtered: two neighbours along ``along`` at a time, in both halves of ``across``.

    Attributes:
        filters: shape (channels, across, along).
        in_steps: bytes of the input from one to the next along ``across`` and ``along``.
        out_steps: the same of the output.
    """

    across: Axis
    along: Axis
    filters: np.ndarray
    in_steps: tuple[int, int]
    out_steps: tuple[int, int]

    @property
    def half(self) -> int:
        return -(-self.across.out // 2)

    @property
    def tiles(self) -> int:
        """Of four outputs, per channel."""
        return self.half * -(-self.along.out // 2)

    @property
    def is_3x3(self) -> bool:
        return self.across.window == self.along.window == 3

    @property
    def window(self) -> int:
        """Weights in a row of the window: with a zero at the end where that makes it even."""
        return 3 if self.is_3x3 else -(-self.along.window // 2) * 2

    @property
    def plane(self) -> tuple[int, int]:
        """Rows and columns of the packed plane."""
        columns = max(2, -(-self.along.out // 2) * 2)
        return (
            (self.half - 1) * self.across.stride + self.across.window,
            (columns - 1) * self.along.stride + self.window,
        )

    @property
    def columns(self) -> int:
        """Of the input, in the plane."""
        return min(self.along.size, self.plane[1] - self.along.before)

    @property
    def usable(self) -> bool:
        """Whether there is a way for it."""
        return self.along.stride <= 2 and all(a.dilation == 1 or a.window == 1 for a in (self.across, self.along))


@variant_of("DEPTHWISE_CONV_2D")
def depthwise_conv2d(task: SumTask) -> KernelCall | None:
    """Four outputs of a channel at a time."""
    layer = task.layer
    geometry = min(_geometries(task), key=lambda g: (not g.usable, g.tiles))
    weights = _weights(geometry)

    few = task.axes[0].out * task.axes[1].out < 4  # packing a channel costs more than its sums
    if not is_rv32(task.target) or few or not geometry.usable or geometry.columns <= 0 or weights is None:
        return None
    output = rv32_output(task)
    if output is None:
        return None
    across, along = geometry.across, geometry.along
    channels, batches = layer.channels, layer.source.shape[0]
    plane = geometry.plane
    apart = across.out - geometry.half
    (in_y, in_x), (out_y, out_x) = geometry.in_steps, geometry.out_steps
    params: dict[str, ParamValue] = {
        "batches": uint16(batches, "batch count"),
        "channels": uint16(channels, "channel count"),
        "in_h": uint16(across.size, "input size"),
        "pad_top": uint16(across.before, "padding"),
        "pad_left": uint16(along.before, "padding"),
        "plane_h": uint16(plane[0], "image size"),
        "plane_w": uint16(plane[1], "image size"),
        "columns": uint16(geometry.columns, "image size"),
        "half_h": uint16(geometry.half, "output size"),
        "stride_h": uint16(across.stride, "stride"),
        "window_h": uint16(across.window, "window size"),
        "window_w": uint16(geometry.window, "window size"),
        "weight_bytes": uint16(weights.shape[1], "window size"),
        "lower": apart * across.stride,
        "in_x": in_x,
        "in_y": in_y,
        "out_x": out_x if along.out > 1 else 0,
        "out_y": out_y,
        "out_lower": apart * out_y,
        "last": (along.out - 1) * out_x if along.out > 1 else -1,
        "in_bytes": layer.source.size // batches,
        "out_bytes": layer.target.size // batches,
        "input_zero_point": int8_quantization(layer.source).zero_point,
        "clamp_min": output.low,
        "clamp_max": output.high,
        "rounded": int(output.rounded),
        "way": _way(geometry),
        "weights": ConstArray("int8_t", weights.reshape(-1)),
        "constants": ConstArray("int32_t", output.channels.reshape(-1)),
    }
    shrinks = layer.target.size <= layer.source.size
    return KernelCall(
        "tk_depthwise_conv2d_rv32_s8",
        params,
        layer.args,
        scratch=4 * plane[0] * plane[1],
        in_place=((layer.source.id, layer.target.id),) if shrinks else (),
        variant="rv32",
        instructions=60 + 4 * plane[0] * plane[1] + batches * _instructions(geometry, weights, output),
        code=2400,
    )


def _geometries(task: SumTask) -> list[_Geometry]:
    """Along the image's rows, and along its columns."""
    layer = task.layer
    filters = layer.rows.reshape(layer.channels, task.axes[0].window, task.axes[1].window)
    (in_y, in_x), (out_y, out_x) = [
        (shape[2] * shape[3], shape[3]) for shape in (layer.source.shape, layer.target.shape)
    ]
    height, width = task.axes
    ways = [
        _Geometry(height, width, filters, (in_y, in_x), (out_y, out_x)),
        _Geometry(width, height, filters.transpose(0, 2, 1), (in_x, in_y), (out_x, out_y)),
    ]
    return ways + [_folded(way) for way in ways if way.across.is_pointwise and way.across.size == 1 < way.along.out]


def _folded(line: _Geometry) -> _Geometry:
    """A line as an image of two rows, its halves, which overlap. A line with a border stays."""
    along = line.along
    half = -(-along.out // 2)
    size = (half - 1) * along.stride + along.window
    if along.touches_border:
        return line
    apart = along.out - half
    return _Geometry(
        Axis(2, 2, 1, 1, 1, 0),
        replace(along, size=size, out=half),
        line.filters,
        (apart * along.stride * line.in_steps[1], line.in_steps[1]),
        (apart * line.out_steps[1], line.out_steps[1]),
    )


def _way(geometry: _Geometry) -> int:
    if geometry.is_3x3:
        return _3X3 if geometry.along.stride == 1 else _3X3_BY_2
    return _ANY if geometry.along.stride == 1 else _ANY_BY_2


def _weights(geometry: _Geometry) -> np.ndarray | None:
    """The weights as the kernel reads them, shape (channels, bytes), or None if two products need more than 16 bits."""
    filters = geometry.filters
    channels = len(filters)
    padded = np.pad(filters, ((0, 0), (0, 0), (0, geometry.window - filters.shape[2]))).reshape(channels, -1)
    sizes = np.abs(np.pad(padded, ((0, 0), (0, padded.shape[1] % 2))).astype(np.int32))
    if sizes.reshape(channels, -1, 2).sum(axis=2).max(initial=0) > 255:
        return None
    if _way(geometry) != _3X3:
        return padded
    large = np.abs(filters.astype(np.int32)).sum(axis=2).max(axis=1) > 255
    return np.concatenate([padded, np.where(large, _3X3_ANY, _3X3).astype(np.int8)[:, None]], axis=1)


def _instructions(geometry: _Geometry, weights: np.ndarray, output: Rv32Output) -> int:
    """For all channels of an image."""
    channels = len(weights)
    way = _way(geometry)
    finish = 7 + 2 + 4 + 4 * (output.instructions - 2) + (1 if output.rounded else 0) + 7 + 6 + 2
    if way == _3X3:
        large = int((weights[:, 9] == _3X3_ANY).sum())
        body = (89 * large + 71 * (channels - large)) // channels
    elif way == _3X3_BY_2:
        body = 89
    else:
        body = 4 + geometry.across.window * (5 + 23 * (geometry.window // 2))
    tiles, alone = geometry.tiles, 0
    if geometry.is_3x3 and geometry.along.out % 2 and geometry.along.out > 1:
        tiles, alone = tiles - geometry.half, geometry.half
    last = 4 + 4 + 44 + 2 + 4 + 2 * (output.instructions - 2) + 8
    rows = geometry.plane[0]
    pack = 15 + rows * (26 + 8 * geometry.columns)
    return channels * (115 + pack + geometry.half * 20 + tiles * (finish + body) + alone * last)
