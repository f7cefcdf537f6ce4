"""CONV_2D of any window, and FULLY_CONNECTED, whose window is a pixel: it takes no code besides where this is used."""

from __future__ import annotations

from tinykit.compiler.kernels.base import KernelCall, ParamValue
from tinykit.compiler.kernels.checks import int8_quantization, uint16
from tinykit.compiler.kernels.dsp.output import dsp_output, is_dsp
from tinykit.compiler.kernels.dsp.tile import channel_fields, flat_instructions, shared_code
from tinykit.compiler.kernels.overlap import window_overlap
from tinykit.compiler.kernels.variants import SumTask, variant_of
from tinykit.compiler.kernels.window import geometry


@variant_of("CONV_2D", "FULLY_CONNECTED")
def conv2d(task: SumTask) -> KernelCall | None:
    """Patches of four pixels, and two channels at a time."""
    layer = task.layer
    in_c = layer.source.shape[3]
    output = dsp_output(task) if is_dsp(task.target) and in_c % 4 == 0 else None
    channels = channel_fields(output, output.rows) if output else None
    if output is None or channels is None:
        return None
    taps = output.rows.shape[1]
    params: dict[str, ParamValue] = {
        **geometry(layer.source.shape[0], task.axes),
        "in_c": uint16(in_c, "input channel count"),
        "input_zero_point": int8_quantization(layer.source).zero_point,
        "channels": channels,
    }
    height, width = task.axes
    pixels = layer.source.shape[0] * height.out * width.out
    patch = 60 + height.window * (34 + 5.5 * width.window * in_c / 4)
    return KernelCall(
        "tk_conv2d_dsp_s8",
        params,
        layer.args,
        scratch=8 * taps,
        overlaps=(window_overlap(layer.source, layer.target, task.axes, ahead=0),),
        variant="dsp",
        instructions=int(pixels * (patch + 12)) + flat_instructions(output, pixels, taps // 2),
        code=652,
        shares=shared_code(output),
    )
