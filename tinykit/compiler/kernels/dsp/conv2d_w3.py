"""CONV_2D of windows three columns wide that move by one column: most 3x3 convolutions."""

from __future__ import annotations

import numpy as np

from tinykit.compiler.kernels.base import KernelCall, ParamValue
from tinykit.compiler.kernels.checks import int8_quantization, uint16
from tinykit.compiler.kernels.dsp.output import dsp_output, is_dsp
from tinykit.compiler.kernels.dsp.tile import channel_fields, shared_code, tile_instructions
from tinykit.compiler.kernels.overlap import window_overlap
from tinykit.compiler.kernels.variants import SumTask, variant_of
from tinykit.compiler.kernels.window import geometry


@variant_of("CONV_2D")
def conv2d_w3(task: SumTask) -> KernelCall | None:
    """Six columns of inputs for four pixels; two channels at a time."""
    layer = task.layer
    height, width = task.axes
    in_c = layer.filters.shape[3]
    if not is_dsp(task.target) or (width.window, width.stride, width.dilation) != (3, 1, 1) or in_c % 4:
        return None
    output = dsp_output(task)
    steps = height.window * in_c // 2
    # words of pairs of [k_h][3][in_c / 2] to [k_h][in_c / 2][columns 1, 0, 2]
    order = np.arange(3 * steps).reshape(height.window, 3, -1)[:, [1, 0, 2]].transpose(0, 2, 1).reshape(-1)
    channels = channel_fields(output, output.rows, order) if output else None
    if output is None or channels is None:
        return None
    fields = geometry(layer.source.shape[0], task.axes)
    params: dict[str, ParamValue] = {
        **{name: value for name, value in fields.items() if name not in ("k_w", "stride_w", "dilation_w")},
        "in_c": uint16(in_c, "input channel count"),
        "input_zero_point": int8_quantization(layer.source).zero_point,
        "channels": channels,
    }
    tiles = layer.source.shape[0] * height.out * -(-width.out // 4)
    expand = 90 + height.window * (35 + 6 * in_c)
    border = 2 if width.out > 4 else 1
    copied = layer.source.shape[0] * height.out * border * height.window * (60 + 11 * in_c)
    tile = expand + tile_instructions(output, -(-steps // 8), 35 * steps)
    return KernelCall(
        "tk_conv2d_w3_dsp_s8",
        params,
        layer.args,
        scratch=(12 * height.window + 6) * in_c,
        overlaps=(window_overlap(layer.source, layer.target, task.axes, ahead=0),),
        variant="dsp",
        instructions=tiles * tile + (copied if width.touches_border else 0),
        code=1676,
        shares=shared_code(output, flat=False),
    )
