"""CONV_2D of any window, and FULLY_CONNECTED of several rows."""

from __future__ import annotations

from tinykit.compiler.kernels.base import KernelCall, ParamValue
from tinykit.compiler.kernels.checks import int8_quantization, uint16
from tinykit.compiler.kernels.overlap import window_overlap
from tinykit.compiler.kernels.rv32.output import is_rv32, rv32_output
from tinykit.compiler.kernels.rv32.tile import (
    PIXELS,
    can_tile,
    pack_instructions,
    pad_rows,
    tile_fields,
    tile_instructions,
)
from tinykit.compiler.kernels.variants import SumTask, variant_of
from tinykit.compiler.kernels.window import Axis, flatten_pointwise, geometry


@variant_of("CONV_2D")
def conv2d(task: SumTask) -> KernelCall | None:
    """Four pixels and four channels at a time."""
    layer = task.layer
    rows = pad_rows(layer.rows)
    alone = all(a.out == 1 for a in task.axes) and layer.source.shape[0] == 1
    if not is_rv32(task.target) or alone or not can_tile(rows):
        return None
    output = rv32_output(task)
    if output is None:
        return None
    axes = flatten_pointwise(task.axes)
    batches, in_c, depth = layer.source.shape[0], layer.filters.shape[3], rows.shape[1]
    params: dict[str, ParamValue] = {
        **geometry(batches, axes),
        "in_c": uint16(in_c, "input channel count"),
        "out_c": uint16(layer.channels, "output channel count"),
        "depth": uint16(depth, "patch size"),
        "input_zero_point": int8_quantization(layer.source).zero_point,
        **tile_fields(rows, output),
    }
    tiles = -(-axes[0].out * axes[1].out // PIXELS)
    tile = _patches_instructions(axes, in_c) + tile_instructions(layer.channels, depth, output)
    return KernelCall(
        "tk_conv2d_rv32_s8",
        params,
        layer.args,
        scratch=8 * depth + in_c,
        variant="rv32",
        instructions=batches * tiles * tile,
        code=3140,
        # The patches of four pixels are packed before the first of them is written.
        overlaps=(window_overlap(layer.source, layer.target, axes, ahead=0),),
    )


def _patches_instructions(axes: tuple[Axis, Axis], in_c: int) -> int:
    """Of finding and packing the patches of four pixels inside of the input."""
    height, width = axes
    if width.dilation > 1 and width.window > 1:
        return 180 + height.window * width.window * (60 + pack_instructions(in_c))
    return 100 + height.window * (15 + pack_instructions(in_c * width.window))
