"""DEPTHWISE_CONV_2D of depth multiplier 1, int8, with Helium: tk_depthwise_conv2d_mve_s8."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tinykit.compiler.kernels.base import ConstArray, KernelCall, ParamValue, Refusal
from tinykit.compiler.kernels.checks import int8_quantization, uint16
from tinykit.compiler.kernels.mve.output import SATURATED, vector_output
from tinykit.compiler.kernels.overlap import window_overlap
from tinykit.compiler.kernels.variants import SumTask, variant_of
from tinykit.compiler.kernels.window import Axis, geometry

_PLANES = 8
_SCRATCH = 2560
"""What the images of some rows may take of the arena where all rows would take more. Fewer rows are taken apart more
often: a row of windows of 3 shares two of three rows of input with the next one."""

Position = tuple[int, int]


@dataclass(frozen=True)
class Tile:
    """Four outputs whose inputs are gathered together.

    Attributes:
        outputs: (y, x) of each; in small images some are the same.
        loads: for each load the positions that it reads, (y, x) in the input.
    """

    height: int
    width: int
    outputs: tuple[Position, ...]
    loads: tuple[tuple[Position, ...], ...]


@variant_of("DEPTHWISE_CONV_2D")
def offer(task: SumTask) -> KernelCall | None:
    """The kernel's call for a layer; None for other cores, and for windows that do not fit one load."""
    if "mve" not in task.target.features:
        return None
    layer, axes = task.layer, task.axes
    channels, taps = layer.rows.shape
    height, width = axes
    pitch = _reach(width, width.out)
    tiles = list(_tiles(axes, pitch))
    if not tiles or taps > 254:
        return None
    batches = layer.source.shape[0]
    output = vector_output(task)
    saturated = output.finish == SATURATED

    def cost(tile: Tile, rows: int) -> int:
        return _instructions(tile, rows, axes, batches, channels, saturated)

    def best_tile(rows: int) -> Tile:
        return min(tiles, key=lambda tile: (cost(tile, rows), tile.height))

    rows = height.out
    size = height.out * width.out * channels
    overwrites = size <= layer.source.size
    if _scratch(best_tile(rows), rows, axes) > max(_SCRATCH, task.room, size // 2 if overwrites else 0):
        rows = next(
            (r for r in range(rows, 0, -1) if _scratch(best_tile(r), r, axes) <= max(_SCRATCH, task.room)),
            min(rows, 2),
        )
        rows = -(-height.out // -(-height.out // rows))  # as few, but of a size
    tile = best_tile(rows)
    if tile.height > rows or rows * width.out * channels > 0xFFFF or _plane(rows, axes) * (_PLANES - 1) > 0xFFFF:
        return None
    try:
        params: dict[str, ParamValue] = {
            **geometry(batches, axes),
            "channels": uint16(channels, "channel count"),
            "rows": rows,
            "tile_h": tile.height,
            "tile_w": tile.width,
            "loads": len(tile.loads),
            "saturated": int(saturated),
            "input_zero_point": int8_quantization(layer.source).zero_point,
            **output.params,
            "weights": ConstArray("int8_t", np.pad(layer.rows, ((0, 0), (1, 0)))),
            **output.arrays(1),
            "lanes": ConstArray("uint8_t", _lanes(tile, axes, pitch, channels), "tables"),
        }
    except Refusal:
        return None  # the portable kernel's lowering says why
    source, target = layer.source, layer.target
    # Eight channels are read before the first of them is written, and the others are never in the same place: where
    # both begin at one address, and at no other distance.
    in_place = rows == height.out and target.size <= source.size
    overlap = window_overlap(source, target, axes, ahead=2 * rows, unit="row")
    return KernelCall(
        "tk_depthwise_conv2d_mve_s8",
        params,
        layer.args,
        scratch=_scratch(tile, rows, axes),
        in_place=((source.id, target.id),) if in_place else (),
        overlaps=() if in_place else (overlap,),
        variant="mve",
        instructions=cost(tile, rows),
        code=1812,
    )


def _reach(axis: Axis, outputs: int) -> int:
    """How many elements of the input so many outputs read, with those between them."""
    return (outputs - 1) * axis.stride + (axis.window - 1) * axis.dilation + 1


def _plane(rows: int, axes: tuple[Axis, Axis]) -> int:
    return -(-_reach(axes[0], rows) * _reach(axes[1], axes[1].out) // 4) * 4


def _pairs(tile: Tile, rows: int, columns: int) -> int:
    return -(-(-(-rows // tile.height) * -(-columns // tile.width)) // 2)


def _scratch(tile: Tile, rows: int, axes: tuple[Axis, Axis]) -> int:
    return _PLANES * _plane(rows, axes) + 12 * _pairs(tile, rows, axes[1].out)


def _tiles(axes: tuple[Axis, Axis], pitch: int) -> Iterator[Tile]:
    """Tiles whose inputs one load reaches, or one load for each half."""
    for shape in ((2, 2), (1, 4), (4, 1)):
        size = min(shape[0], axes[0].out), min(shape[1], axes[1].out)
        outputs = tuple((min(i // shape[1], size[0] - 1), min(i % shape[1], size[1] - 1)) for i in range(4))
        for halves in (1, 2):
            parts = [outputs[i : i + 4 // halves] for i in range(0, 4, 4 // halves)]
            loads = tuple(tuple(sorted({p for at in part for p in _window(at, axes)})) for part in parts)
            # the second half is the first one, shifted
            same = {tuple((y - part[0][0], x - part[0][1]) for y, x in part) for part in parts}
            far = max(y * pitch + x for load in loads for y, x in load)
            if len(loads[0]) <= 16 and far <= 0xFF and len(same) == 1:
                yield Tile(*size, outputs, loads)
                break


def _window(at: Position, axes: tuple[Axis, Axis]) -> list[Position]:
    """What an output reads, taps in their order."""
    height, width = axes
    return [
        (at[0] * height.stride + ky * height.dilation, at[1] * width.stride + kx * width.dilation)
        for ky in range(height.window)
        for kx in range(width.window)
    ]


def _lanes(tile: Tile, axes: tuple[Axis, Axis], pitch: int, channels: int) -> np.ndarray:
    """See tk_depthwise_conv2d_mve_s8_params."""
    table = np.zeros((6, 16), np.uint8)
    distances = [[y * pitch + x for y, x in load] for load in tile.loads]
    table[0, : len(distances[0])] = distances[0]
    for row, at in enumerate(tile.outputs[: 4 // len(tile.loads)]):
        window = _window(at, axes)
        table[1 + row, : len(distances[0])] = [window.index(p) + 1 if p in window else 0 for p in tile.loads[0]]
    if len(distances) == 2:
        table[3, : len(distances[1])] = distances[1]
    out = np.array([(y * axes[1].out + x) * channels for y, x in tile.outputs], "<u2")
    table[5] = np.repeat(out, 2).view(np.uint8)
    return table.reshape(-1)


def _instructions(tile: Tile, rows: int, axes: tuple[Axis, Axis], batches: int, channels: int, saturated: bool) -> int:
    """Of one call: counted in the assembly, and measured for the C around it."""
    height, width = axes
    pairs = _pairs(tile, rows, width.out)
    pair = 29 + 2 * len(tile.loads) + (0 if saturated else 11)
    blocks = -(-channels // _PLANES)
    filled = _plane(rows, axes) // 16 * _PLANES * 2 if any(axis.touches_border for axis in axes) else 0
    columns = min(width.size, _reach(width, width.out))
    contiguous = columns == width.size == _reach(width, width.out)
    split = min(height.size, _reach(height, rows)) * (5 * columns + (0 if contiguous else 5))
    slabs = batches * -(-height.out // rows)
    return slabs * (blocks * (130 + filled + split) + channels * (38 + pair * pairs)) + 50 * pairs + 150
