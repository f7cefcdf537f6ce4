"""Windows that move over images: sizes, strides and padding of both axes.

Source of the padding: TensorFlow Lite, ``ComputePaddingHeightWidth``.
"""

from __future__ import annotations

from dataclasses import dataclass

from tinykit.compiler.kernels.checks import CONVERT_AGAIN, require, uint16
from tinykit.graph.options import Margins, Padding
from tinykit.graph.types import Tensor


@dataclass(frozen=True)
class Axis:
    """One spatial axis of a window operator: sizes, stride, dilation and padding before the first element."""

    size: int
    out: int
    window: int
    stride: int
    dilation: int
    before: int

    @property
    def touches_border(self) -> bool:
        """Whether some window reaches outside of the input."""
        last = (self.out - 1) * self.stride - self.before + (self.window - 1) * self.dilation
        return self.before > 0 or last >= self.size

    @property
    def is_pointwise(self) -> bool:
        """Whether each output is at the place of its only input."""
        return self.window == self.stride == 1 and self.before == 0 and self.size == self.out


def window_axes(
    source: Tensor,
    target: Tensor,
    window: tuple[int, int],
    stride: tuple[int, int],
    dilation: tuple[int, int],
    padding: Padding | Margins,
) -> tuple[Axis, Axis]:
    """Height and width of an op that moves a window over images, (batch, height, width, channels).

    Raises:
        Refusal: when these are no images, or the output's shape is not what the parameters give.
    """
    require(
        len(source.shape) == len(target.shape) == 4 and source.shape[0] == target.shape[0],
        f"input {list(source.shape)} and output {list(target.shape)} are not as many images of 4 dimensions",
        CONVERT_AGAIN,
    )
    require(min(stride) >= 1, f"its stride is {list(stride)}", CONVERT_AGAIN)
    require(min(dilation) >= 1, f"its dilation is {list(dilation)}", CONVERT_AGAIN)
    require(min(window) >= 1, f"its window is {list(window)}", CONVERT_AGAIN)
    shape, out = source.shape[1:3], target.shape[1:3]
    margins = padding if isinstance(padding, Margins) else None
    before = (margins.top, margins.left) if margins else None
    after = (margins.bottom, margins.right) if margins else (0, 0)
    axes = []
    for i in range(2):
        reach = (window[i] - 1) * dilation[i] + 1
        if padding is Padding.SAME:
            expected = -(-shape[i] // stride[i])
            first = max(0, (expected - 1) * stride[i] + reach - shape[i]) // 2
        else:
            first = before[i] if before else 0
            expected = (shape[i] + first + after[i] - reach) // stride[i] + 1
        require(
            expected == out[i] and expected > 0,
            f"its output is {out[i]} along axis {i + 1}, but input, window, stride and padding give {expected}",
            CONVERT_AGAIN,
        )
        axes.append(Axis(shape[i], out[i], window[i], stride[i], dilation[i], first))
    return axes[0], axes[1]


def geometry(batches: int, axes: tuple[Axis, Axis]) -> dict[str, int]:
    """The fields that describe a convolution's window, as all convolution kernels name them."""
    fields = {"batches": batches}
    for axis, name, first in zip(axes, "hw", ("top", "left"), strict=True):
        fields |= {
            f"in_{name}": axis.size,
            f"out_{name}": axis.out,
            f"k_{name}": axis.window,
            f"stride_{name}": axis.stride,
            f"dilation_{name}": axis.dilation,
            f"pad_{first}": axis.before,
        }
    return {name: uint16(value, name) for name, value in fields.items()}


def flatten_pointwise(axes: tuple[Axis, Axis]) -> tuple[Axis, Axis]:
    """A 1x1 convolution of stride 1 over an image as one over a single row: no odd pixel at each row's end."""
    plain = all(a.is_pointwise for a in axes)
    pixels = axes[0].size * axes[1].size
    if not plain or pixels > 0xFFFF:
        return axes
    return Axis(1, 1, 1, 1, 1, 0), Axis(pixels, pixels, 1, 1, 1, 0)
