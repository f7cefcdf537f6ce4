"""DEPTHWISE_CONV_2D, int8, int16 with int8 weights, and float32, any depth multiplier."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinykit.compiler.kernels.base import ConstArray, KernelCall, LowerContext, Lowered, ParamValue, lowers
from tinykit.compiler.kernels.checks import CONVERT_AGAIN, float_clamp, int8_quantization, require, uint16
from tinykit.compiler.kernels.conv2d import conv2d
from tinykit.compiler.kernels.overlap import window_overlap
from tinykit.compiler.kernels.plain_sums import plain_sums
from tinykit.compiler.kernels.sums import SUM_REFUSES, SUM_TYPES, SumLayer, output_s8, pack_rows, sum_layer
from tinykit.compiler.kernels.sums16 import depthwise_s16
from tinykit.compiler.kernels.variants import SumTask, alternatives, room_beside
from tinykit.compiler.kernels.window import Axis, geometry, window_axes
from tinykit.graph.options import DepthwiseConv2DOptions
from tinykit.graph.types import DType, Op


@lowers(
    "DEPTHWISE_CONV_2D",
    types=SUM_TYPES,
    takes="any depth multiplier, stride and dilation; SAME, VALID, a PAD before it; weights per tensor or per channel, "
    "constant or computed; int4 weights of int8 layers, which become int8 in flash",
    refuses=SUM_REFUSES,
)
def lower(ctx: LowerContext, op: Op) -> Lowered:
    assert isinstance(op.options, DepthwiseConv2DOptions)
    options = op.options
    layer = sum_layer(ctx, op, options.activation, dimensions=4, channel_axis=3, computed=True)
    source, target = layer.source, layer.target
    window = (layer.weights.shape[1], layer.weights.shape[2])
    axes = window_axes(source, target, window, options.stride, options.dilation, options.padding)
    multiplier = options.depth_multiplier
    require(
        layer.weights.shape[0] == 1 and layer.channels == source.shape[3] * multiplier == target.shape[3],
        f"{source.shape[3]} input channels, depth multiplier {multiplier}, {layer.channels} filters and "
        f"{target.shape[3]} output channels do not fit together",
        CONVERT_AGAIN,
    )
    if source.dtype is DType.INT16:
        return Lowered((depthwise_s16(layer, axes, multiplier),))
    if not layer.weights.is_constant:
        return Lowered((plain_sums(layer, axes, depth_multiplier=multiplier),))
    layer = replace(layer, packed=None)  # there is no kernel for them
    if source.shape[3] == 1:
        # with one input channel every filter reads it: a plain convolution, whose kernel is faster
        return conv2d(ctx, replace(layer, filters=np.moveaxis(layer.filters, 1, 3)), axes)
    if source.dtype is not DType.INT8:
        return Lowered((_depthwise_f32(layer, axes, multiplier),))
    if multiplier > 1:
        return Lowered((_depthwise_multiplier_s8(layer, axes, multiplier),))
    task = SumTask(ctx.target, layer, axes, layer.folded_bias(), layer.multipliers(), room_beside(ctx, layer))
    return Lowered((_depthwise_s8(task),), alternatives=alternatives("DEPTHWISE_CONV_2D", task))


def _depthwise_multiplier_s8(layer: SumLayer, axes: tuple[Axis, Axis], depth_multiplier: int) -> KernelCall:
    layer.folded_bias()  # refuses sums that overflow, though this kernel subtracts the zero point itself
    params: dict[str, ParamValue] = {
        **geometry(layer.source.shape[0], axes),
        "input_zero_point": int8_quantization(layer.source).zero_point,
        "in_c": uint16(layer.source.shape[3], "input channel count"),
        "depth_multiplier": uint16(depth_multiplier, "depth multiplier"),
        "weights": ConstArray("int8_t", layer.rows),
        "output": output_s8(layer, layer.bias_values(), layer.multipliers()),
    }
    overlap = window_overlap(layer.source, layer.target, axes, ahead=1)
    return KernelCall("tk_depthwise_conv2d_multiplier_s8", params, layer.args, overlaps=(overlap,))


def _depthwise_s8(task: SumTask) -> KernelCall:
    layer, axes = task.layer, task.axes
    rows = layer.rows
    params: dict[str, ParamValue] = {
        **geometry(layer.source.shape[0], axes),
        "input_zero_point": int8_quantization(layer.source).zero_point,
        "channels": uint16(layer.channels, "channel count"),
        "weights": ConstArray("int8_t", pack_rows(rows, 4)),
        "output": output_s8(layer, task.bias, task.pairs),
    }
    patches = axes[0].touches_border or axes[1].touches_border
    overlap = window_overlap(layer.source, layer.target, axes, ahead=0)
    scratch = rows.size if patches else 0
    return KernelCall("tk_depthwise_conv2d_s8", params, layer.args, scratch=scratch, overlaps=(overlap,))


def _depthwise_f32(layer: SumLayer, axes: tuple[Axis, Axis], depth_multiplier: int) -> KernelCall:
    low, high = float_clamp(layer.activation)
    params: dict[str, ParamValue] = {
        **geometry(layer.source.shape[0], axes),
        "in_c": uint16(layer.source.shape[3], "input channel count"),
        "depth_multiplier": uint16(depth_multiplier, "depth multiplier"),
        "clamp_min": low,
        "clamp_max": high,
        "weights": ConstArray("float", layer.rows),
        "bias": ConstArray("float", layer.bias_values()),
    }
    overlap = window_overlap(layer.source, layer.target, axes, ahead=0 if depth_multiplier == 1 else 1)
    return KernelCall("tk_depthwise_conv2d_f32", params, layer.args, overlaps=(overlap,))
