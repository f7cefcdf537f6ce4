"""CONV_2D, int8, int16 with int8 weights, and float32."""

from __future__ import annotations

import numpy as np

from tinykit.compiler.kernels.base import ConstArray, KernelCall, LowerContext, Lowered, ParamValue, lowers
from tinykit.compiler.kernels.checks import CONVERT_AGAIN, float_clamp, int8_quantization, require, uint16
from tinykit.compiler.kernels.overlap import window_overlap
from tinykit.compiler.kernels.plain_sums import plain_sums
from tinykit.compiler.kernels.sums import SUM_REFUSES, SUM_TYPES, SumLayer, output_s8, pack_rows, sum_layer
from tinykit.compiler.kernels.sums16 import conv2d_s16
from tinykit.compiler.kernels.variants import SumTask, alternatives, room_beside
from tinykit.compiler.kernels.window import Axis, flatten_pointwise, geometry, window_axes
from tinykit.graph.options import Conv2DOptions
from tinykit.graph.types import DType, Op


@lowers(
    "CONV_2D",
    types=SUM_TYPES,
    takes="any stride and dilation; SAME, VALID, a PAD before it; groups; weights per tensor or per channel, constant "
    "or computed; int4 weights of int8 layers, which become int8 in flash unless the model is made small",
    refuses=SUM_REFUSES,
)
def lower(ctx: LowerContext, op: Op) -> Lowered:
    assert isinstance(op.options, Conv2DOptions)
    options = op.options
    layer = sum_layer(ctx, op, options.activation, dimensions=4, channel_axis=0, computed=True)
    source, target = layer.source, layer.target
    axes = window_axes(source, target, layer.filters.shape[1:3], options.stride, options.dilation, options.padding)
    in_c, filter_c = source.shape[3], layer.filters.shape[3]
    require(
        filter_c > 0 and in_c % filter_c == 0 and layer.channels % (in_c // filter_c) == 0,
        f"its {layer.channels} filters of {filter_c} channels do not fit an input of {in_c} channels",
        CONVERT_AGAIN,
    )
    require(
        target.shape[3] == layer.channels,
        f"its output has {target.shape[3]} channels, but there are {layer.channels} filters",
        CONVERT_AGAIN,
    )
    if source.dtype is DType.INT16:
        return Lowered((conv2d_s16(layer, axes),))
    if filter_c < in_c or not layer.weights.is_constant:
        return Lowered((plain_sums(layer, axes),))
    return conv2d(ctx, layer, axes)


def conv2d(ctx: LowerContext, layer: SumLayer, axes: tuple[Axis, Axis]) -> Lowered:
    """Ways to convolve; the filters are (out_c, k_h, k_w, in_c)."""
    if layer.source.dtype is not DType.INT8:
        return Lowered((_conv2d_f32(layer, axes),))
    task = SumTask(ctx.target, layer, axes, layer.folded_bias(), layer.multipliers(), room_beside(ctx, layer))
    packed = () if layer.packed is None else ((plain_sums(layer, axes),),)
    return Lowered((_conv2d_s8(task),), alternatives=alternatives("CONV_2D", task) + packed)


def _conv2d_s8(task: SumTask) -> KernelCall:
    layer = task.layer
    rows = layer.rows
    axes = flatten_pointwise(task.axes)
    gather = _gather_pays(axes, rows.shape[1], layer.channels)
    patches = gather or axes[0].touches_border or axes[1].touches_border
    params: dict[str, ParamValue] = {
        **geometry(layer.source.shape[0], axes),
        "in_c": uint16(layer.filters.shape[3], "input channel count"),
        "out_c": uint16(layer.channels, "output channel count"),
        "gather": int(gather),
        "input_zero_point": int8_quantization(layer.source).zero_point,
        "weights": ConstArray("int8_t", pack_rows(rows, 4)),
        "output": output_s8(layer, task.bias, task.pairs),
    }
    # Both pixels' patches are copied before one is written; else they are read again for each four channels.
    overlap = window_overlap(layer.source, layer.target, task.axes, ahead=0 if gather else 2)
    scratch = 2 * rows.shape[1] if patches else 0
    return KernelCall("tk_conv2d_s8", params, layer.args, scratch=scratch, overlaps=(overlap,))


def _conv2d_f32(layer: SumLayer, axes: tuple[Axis, Axis]) -> KernelCall:
    filled = -(-layer.channels // 4) * 4 - layer.channels
    low, high = float_clamp(layer.activation)
    params: dict[str, ParamValue] = {
        **geometry(layer.source.shape[0], flatten_pointwise(axes)),
        "in_c": uint16(layer.filters.shape[3], "input channel count"),
        "out_c": uint16(layer.channels, "output channel count"),
        "clamp_min": low,
        "clamp_max": high,
        "weights": ConstArray("float", pack_rows(np.pad(layer.rows, ((0, filled), (0, 0))), 4)),
        "bias": ConstArray("float", np.pad(layer.bias_values(), (0, filled))),
    }
    overlap = window_overlap(layer.source, layer.target, axes, ahead=1)
    return KernelCall("tk_conv2d_f32", params, layer.args, overlaps=(overlap,))


def _gather_pays(axes: tuple[Axis, Axis], patch: int, channels: int) -> bool:
    """Whether copying each patch costs less than a loop per row and block of channels.

    Per pair of pixels: starting a row costs about 8 instructions for each block of 4 channels; copying costs about 4
    instructions a byte and 12 a tap, twice. Columns that are dilated are not contiguous and are always copied.
    """
    height, width = axes
    if width.dilation > 1 and width.window > 1:
        return True
    taps = height.window * width.window
    return height.window > 1 and 2 * (4 * patch + 12 * taps) < 8 * height.window * (channels // 4)
