"""DEPTHWISE_CONV_2D, int8 and float32, any depth multiplier."""

from __future__ import annotations

import numpy as np

from tinykit.compiler.kernels.base import ConstArray, In, KernelCall, LowerContext, Lowered, Out, ParamValue, lowers
from tinykit.compiler.kernels.checks import (
    CONVERT_AGAIN,
    constant,
    input_tensor,
    int8_quantization,
    require,
    uint16,
)
from tinykit.compiler.kernels.conv2d import conv2d_f32, conv2d_s8, float_range, geometry
from tinykit.compiler.kernels.sums import (
    SUM_REFUSES,
    Axis,
    bias_values,
    fold_zero_point,
    multipliers,
    output_s8,
    pack_rows,
    weight_quantization,
    window_axes,
)
from tinykit.graph.options import Activation, DepthwiseConv2DOptions
from tinykit.graph.types import DType, Op, Tensor


@lowers(
    "DEPTHWISE_CONV_2D",
    takes="any depth multiplier, stride and dilation; SAME, VALID, a PAD before it; constant weights, per tensor or "
    "per channel",
    refuses=SUM_REFUSES,
)
def lower(ctx: LowerContext, op: Op) -> Lowered:
    assert isinstance(op.options, DepthwiseConv2DOptions)
    source = input_tensor(ctx, op, 0, "input")
    dtype = source.dtype
    weights = input_tensor(ctx, op, 1, "weights")
    bias = ctx.graph.input(op, 2)
    target = ctx.graph.output(op)
    require(
        len(source.shape) == 4 and len(weights.shape) == 4 and len(target.shape) == 4,
        f"input has {len(source.shape)} dimensions, weights {len(weights.shape)}; supported: 4",
        CONVERT_AGAIN,
    )
    require(weights.dtype is dtype, f"its weights are {weights.dtype.label}, its input {dtype.label}", CONVERT_AGAIN)
    channels = weights.shape[3]
    multiplier = op.options.depth_multiplier
    require(
        weights.shape[0] == 1
        and channels == source.shape[3] * multiplier
        and target.shape[3] == channels
        and target.shape[0] == source.shape[0],
        f"{source.shape[3]} input channels, depth multiplier {multiplier}, {channels} filters and "
        f"{target.shape[3]} output channels do not fit together",
        CONVERT_AGAIN,
    )
    axes = window_axes(
        (source.shape[1], source.shape[2]),
        (target.shape[1], target.shape[2]),
        (weights.shape[1], weights.shape[2]),
        op.options.stride,
        op.options.dilation,
        op.options.padding,
    )
    filters = constant(weights, "weights")[0].transpose(2, 0, 1)  # (channels, k_h, k_w)
    activation = op.options.activation
    if source.shape[3] == 1:
        # with one input channel every filter reads it: a plain convolution, whose kernel is faster
        plain = filters[..., np.newaxis]
        if dtype is DType.INT8:
            return Lowered((conv2d_s8(source, plain, weights, bias, target, axes, activation, quantized_axis=3),))
        return Lowered((conv2d_f32(source, plain, bias, target, axes, activation),))
    if dtype is DType.INT8:
        return Lowered((_depthwise_s8(source, filters, weights, bias, target, axes, activation, multiplier),))
    return Lowered((_depthwise_f32(source, filters, bias, target, axes, activation, multiplier),))


def _depthwise_s8(
    source: Tensor,
    filters: np.ndarray,
    weights: Tensor,
    bias: Tensor | None,
    target: Tensor,
    axes: tuple[Axis, Axis],
    activation: Activation,
    depth_multiplier: int,
) -> KernelCall:
    channels = len(filters)
    source_quant = int8_quantization(source)
    target_quant = int8_quantization(target)
    weight_quant = weight_quantization(weights, 3, channels)
    rows = filters.reshape(channels, -1)
    pairs = multipliers(source_quant, weight_quant, target_quant, channels)
    plain_bias = bias_values(bias, channels, DType.INT32)
    folded_bias = fold_zero_point(rows, plain_bias, source_quant.zero_point)
    params: dict[str, ParamValue] = {
        **geometry(source.shape[0], axes),
        "input_zero_point": source_quant.zero_point,
    }
    args = (In(source.id), Out(target.id))
    if depth_multiplier > 1:
        params |= {
            "in_c": uint16(source.shape[3], "input channel count"),
            "depth_multiplier": uint16(depth_multiplier, "depth multiplier"),
            "weights": ConstArray("int8_t", rows),
            "output": output_s8(rows, plain_bias, pairs, activation, target),
        }
        return KernelCall("tk_depthwise_conv2d_multiplier_s8", params, args)
    params |= {
        "channels": uint16(channels, "channel count"),
        "weights": ConstArray("int8_t", pack_rows(rows, 4)),
        "output": output_s8(rows, folded_bias, pairs, activation, target),
    }
    patches = axes[0].touches_border or axes[1].touches_border
    return KernelCall("tk_depthwise_conv2d_s8", params, args, scratch=rows.size if patches else 0)


def _depthwise_f32(
    source: Tensor,
    filters: np.ndarray,
    bias: Tensor | None,
    target: Tensor,
    axes: tuple[Axis, Axis],
    activation: Activation,
    depth_multiplier: int,
) -> KernelCall:
    low, high = float_range(activation)
    params: dict[str, ParamValue] = {
        **geometry(source.shape[0], axes),
        "in_c": uint16(source.shape[3], "input channel count"),
        "depth_multiplier": uint16(depth_multiplier, "depth multiplier"),
        "clamp_min": low,
        "clamp_max": high,
        "weights": ConstArray("float", filters.reshape(len(filters), -1)),
        "bias": ConstArray("float", bias_values(bias, len(filters), DType.FLOAT32)),
    }
    return KernelCall("tk_depthwise_conv2d_f32", params, (In(source.id), Out(target.id)))
