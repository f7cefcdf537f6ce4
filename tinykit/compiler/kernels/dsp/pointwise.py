"""CONV_2D of window 1x1 and stride 1, and FULLY_CONNECTED, where each image of a batch is a pixel."""

from __future__ import annotations

from tinykit.compiler.kernels.base import KernelCall, ParamValue
from tinykit.compiler.kernels.checks import uint16
from tinykit.compiler.kernels.dsp.output import dsp_output, is_dsp
from tinykit.compiler.kernels.dsp.tile import channel_fields, flat_instructions, shared_code
from tinykit.compiler.kernels.overlap import window_overlap
from tinykit.compiler.kernels.variants import SumTask, variant_of


@variant_of("CONV_2D", "FULLY_CONNECTED")
def pointwise(task: SumTask) -> KernelCall | None:
    """Four pixels and two channels at a time."""
    layer = task.layer
    in_c = layer.rows.shape[1]
    if not is_dsp(task.target) or in_c % 4 or any(not a.is_pointwise for a in task.axes):
        return None
    output = dsp_output(task)
    channels = channel_fields(output, output.rows) if output else None
    if output is None or channels is None:
        return None
    pixels = layer.source.size // in_c
    params: dict[str, ParamValue] = {
        "pixels": pixels,
        "in_c": uint16(in_c, "input channel count"),
        "channels": channels,
    }
    instructions = -(-pixels // 4) * (45 + 4 * in_c) + flat_instructions(output, pixels, in_c // 2)
    return KernelCall(
        "tk_pointwise_dsp_s8",
        params,
        layer.args,
        scratch=8 * in_c,
        overlaps=(window_overlap(layer.source, layer.target, task.axes, ahead=0),),
        variant="dsp",
        instructions=instructions,
        code=196,
        shares=shared_code(output),
    )
