"""DEPTHWISE_CONV_2D with one filter per channel, int8: strips of rows, channel by channel."""

from __future__ import annotations

import numpy as np

from tinykit.compiler.kernels.base import ConstArray, KernelCall, Overlap, ParamValue
from tinykit.compiler.kernels.checks import int8_quantization, uint16
from tinykit.compiler.kernels.m0.cores import is_m0
from tinykit.compiler.kernels.m0.packing import NEIGHBOURS, pack_fours, packable
from tinykit.compiler.kernels.m0.steps import SHARED_CODE, find_steps
from tinykit.compiler.kernels.variants import SumTask, variant_of
from tinykit.compiler.kernels.window import Axis, geometry

_CODE = 1280
_LITTLE_MEMORY = 1100
_MUCH_MEMORY = 4096


@variant_of("DEPTHWISE_CONV_2D")
def depthwise_conv2d(task: SumTask) -> KernelCall | None:
    layer = task.layer
    filters = layer.filters.reshape(layer.channels, task.axes[0].window, task.axes[1].window)
    axes = task.axes
    if axes[1].size == axes[1].window == axes[1].out == 1:
        # A column is a row.
        axes = (axes[1], axes[0])
        filters = filters.transpose(0, 2, 1)
    if not is_m0(task.target) or not packable(filters) or layer.source.is_constant:
        return None
    height, width = axes
    if width.stride > 2 or (width.dilation > 1 and width.window > 1) or not _always_inside(height):
        return None
    steps = find_steps(task)
    if steps is None:
        return None
    weights = pack_fours(filters, NEIGHBOURS)
    blocks_of_row = weights.shape[2]
    words = _words(width, blocks_of_row)
    rows = _strip(axes, layer.channels, words, task.room)
    scratch = 4 * words * _rows_for(height, rows) + 8 * height.window * blocks_of_row
    params: dict[str, ParamValue] = {
        **geometry(layer.source.shape[0], axes),
        "channels": uint16(layer.channels, "channel count"),
        "rows": rows,
        "words": uint16(words, "row"),
        "split": int(steps.bent),
        "input_zero_point": int8_quantization(layer.source).zero_point,
        "clamp_min": steps.clamp_min,
        "clamp_max": steps.clamp_max,
        "weights": ConstArray("uint32_t", weights),
        "steps": ConstArray("uint32_t", steps.table(), "tables"),
    }
    batches = layer.source.shape[0]
    source, target = layer.source.id, layer.target.id
    return KernelCall(
        "tk_depthwise_conv2d_m0_s8",
        params,
        layer.args,
        scratch=scratch,
        in_place=((source, target),) if _in_place(axes, rows) else (),
        variant="m0",
        instructions=batches * _instructions(axes, layer.channels, blocks_of_row, words, rows, steps.instructions),
        code=_CODE,
        shares=SHARED_CODE,
        overlaps=(Overlap(source, target, _lead(axes, layer.channels, rows)),) if batches == 1 else (),
    )


def _always_inside(height: Axis) -> bool:
    """Whether each window has a row inside of the input."""
    last = (height.out - 1) * height.stride - height.before
    return last < height.size and (height.window - 1) * height.dilation >= height.before


def _words(width: Axis, blocks_of_row: int) -> int:
    """Words of a row in scratch memory: what is written of it, and what windows of pairs of pixels reach."""
    left = max(width.before, 1)
    pixels = width.out + width.out % 2
    farthest = (pixels - 2) * width.stride - width.before + 4 * blocks_of_row + (1 if width.stride == 2 else 0)
    return left + max(width.size, farthest)


def _rows_for(height: Axis, rows: int) -> int:
    """Input rows that so many output rows need."""
    return (rows - 1) * height.stride + (height.window - 1) * height.dilation + 1


def _strip(axes: tuple[Axis, Axis], channels: int, words: int, room: int) -> int:
    """Output rows of a strip: as many as memory allows, that is scratch memory, and how far the output is ahead."""
    height, _ = axes
    most = min(_MUCH_MEMORY, max(_LITTLE_MEMORY, room // 2))

    def memory(rows: int) -> int:
        ahead = 0 if _in_place(axes, rows) else max(0, _lead(axes, channels, rows))
        return 4 * words * _rows_for(height, rows) + ahead

    return next((rows for rows in range(height.out, 1, -1) if memory(rows) <= most), 1)


def _in_place(axes: tuple[Axis, Axis], rows: int) -> bool:
    """Whether the output may be where the input is.

    All of a channel is read before any of it is written, and the places of a channel in an image are the same number
    modulo the number of channels, whatever the image's size.
    """
    height, width = axes
    return rows == height.out and height.size * width.size >= height.out * width.out


def _lead(axes: tuple[Axis, Axis], channels: int, rows: int) -> int:
    """``Overlap.lead``: no strip may write what it or a later one reads."""
    height, width = axes
    begins = np.arange(0, height.out, rows)
    ends = np.minimum(begins + rows, height.out)
    needed = np.maximum(begins * height.stride - height.before, 0) * width.size
    return int(np.max(ends * width.out - needed)) * channels


def _instructions(
    axes: tuple[Axis, Axis], channels: int, blocks_of_row: int, words: int, rows: int, output: int
) -> int:
    """Counted in tk_depthwise_conv2d_m0_s8_asm.S; ``output`` is of one output, see ``Steps.instructions``."""
    height, width = axes
    strips, pairs = -(-height.out // rows), -(-width.out // 2)
    blocks = height.window * blocks_of_row
    block = 15 if width.stride == 1 else 18
    wide = blocks_of_row > 1 and height.window > 1
    window = blocks * (block + 4) + 4 * height.window if wide else blocks * (block + 3)
    row = 13 + pairs * (window + 14) + width.out * (output + 5)
    read = min(height.size, _rows_for(height, rows))
    channel = 75 + 9 * blocks + read * (10 + 6 * width.size)
    fill = 4 * words * _rows_for(height, rows)
    return strips * (200 + fill + channels * channel) + channels * height.out * row
