"""CONV_2D of few input channels: the first layers of most networks."""

from __future__ import annotations

import numpy as np

from tinykit.compiler.kernels.base import KernelCall, ParamValue
from tinykit.compiler.kernels.checks import int8_quantization, uint16
from tinykit.compiler.kernels.dsp.output import dsp_output, is_dsp
from tinykit.compiler.kernels.dsp.tile import channel_fields, flat_instructions, pad_rows, shared_code
from tinykit.compiler.kernels.overlap import window_overlap
from tinykit.compiler.kernels.variants import SumTask, variant_of
from tinykit.compiler.kernels.window import Axis, geometry


@variant_of("CONV_2D")
def conv2d_rows(task: SumTask) -> KernelCall | None:
    """Rows of inputs with their borders in scratch memory; four pixels and two channels at a time."""
    layer = task.layer
    height, width = task.axes
    in_c = layer.filters.shape[3]
    if not is_dsp(task.target) or width.dilation > 1 or (in_c % 4 == 0 and in_c > 4):
        return None
    output = dsp_output(task)
    if output is None:
        return None
    run = width.window * in_c
    rest = run % 4
    windows = output.rows.reshape(layer.channels, height.window, run)
    whole, tails = windows[:, :, : run - rest], windows[:, :, run - rest :]
    rows = pad_rows(np.concatenate([part.reshape(layer.channels, -1) for part in (whole, tails)], axis=1))
    channels = channel_fields(output, rows)
    if channels is None:
        return None
    kept = _rows(height, width)
    params: dict[str, ParamValue] = {
        **geometry(layer.source.shape[0], task.axes),
        "in_c": uint16(in_c, "input channel count"),
        "rows": uint16(kept, "rows"),
        "input_zero_point": int8_quantization(layer.source).zero_point,
        "channels": channels,
    }
    taps = rows.shape[1]
    pitch = ((width.out - 1) * width.stride + width.window) * in_c
    pairs = taps // 2
    expand = 150 + height.window * (6 + 15 * (run // 4) + 24 * rest)
    pixels = height.out * width.out
    moved = height.out * (1.25 * pitch * max(0, kept - height.stride) + height.stride * (30 + 2.5 * pitch))
    return KernelCall(
        "tk_conv2d_rows_dsp_s8",
        params,
        layer.args,
        scratch=8 * taps + kept * pitch,
        overlaps=(window_overlap(layer.source, layer.target, task.axes, ahead=0, unit="row", reads_once=True),),
        variant="dsp",
        instructions=int(
            layer.source.shape[0] * (-(-pixels // 4) * expand + flat_instructions(output, pixels, pairs) + moved)
        ),
        code=960,
        shares=shared_code(output),
    )


def _rows(height: Axis, width: Axis) -> int:
    """How many rows of inputs the windows of four pixels in succession reach over."""
    reach = (height.window - 1) * height.dilation + 1
    further = 0 if width.out % 4 == 0 else -(-3 // width.out)
    return reach + min(further, height.out - 1) * height.stride
