"""RELU, RELU6 and LEAKY_RELU as ops of their own (fused ones are clamps of the op they are fused into)."""

from __future__ import annotations

import numpy as np

from tinykit.compiler.kernels.base import LowerContext, Lowered, Refusal, lowers
from tinykit.compiler.kernels.checks import float_clamp, int8_clamp, int8_quantization, unary_operands
from tinykit.compiler.kernels.lut import clamp_int8, lower_table, rescaler
from tinykit.compiler.kernels.unary_float import lower_float
from tinykit.graph.options import Activation, LeakyReluOptions
from tinykit.graph.types import DType, Op

_FAR_SCALES = {"int8 scales that differ by a factor of 2^30 or more": "quantize the model again"}


@lowers("RELU", takes="any shape; int8 is rescaled", refuses=_FAR_SCALES)
def lower_relu(ctx: LowerContext, op: Op) -> Lowered:
    """int8 as ``activations_common.cc`` of TFLite-Micro: rescale, then clamp at the output's zero point."""
    source, target = unary_operands(ctx, op)
    if source.dtype is DType.FLOAT32:
        return lower_float("tk_relu_f32", source, target)
    q_in, q_out = int8_quantization(source), int8_quantization(target)
    rescale = rescaler(float(q_in.scale) / float(q_out.scale))

    def function(q: int) -> int:
        return clamp_int8(q_out.zero_point + rescale(q - q_in.zero_point), low=q_out.zero_point)

    return lower_table(source, target, function)


@lowers("RELU6", takes="any shape; int8 is never rescaled", refuses={})
def lower_relu6(ctx: LowerContext, op: Op) -> Lowered:
    """int8 as ``activations_common.cc`` of TFLite-Micro: clamps in the input's units and never rescales, whatever
    the output's scale and zero point are."""
    source, target = unary_operands(ctx, op)
    if source.dtype is DType.FLOAT32:
        low, high = float_clamp(Activation.RELU6)
        return lower_float("tk_clamp_f32", source, target, low=low, high=high)
    int8_quantization(target)
    smallest, largest = int8_clamp(Activation.RELU6, source)

    return lower_table(source, target, lambda q: clamp_int8(q, smallest, largest))


@lowers("LEAKY_RELU", takes="any shape, any alpha; int8 is rescaled", refuses=_FAR_SCALES)
def lower_leaky_relu(ctx: LowerContext, op: Op) -> Lowered:
    """int8 as ``leaky_relu_common.cc`` of TFLite-Micro: two multipliers, both from single-precision quotients."""
    source, target = unary_operands(ctx, op)
    options = op.options
    if not isinstance(options, LeakyReluOptions):
        raise Refusal("it has no alpha", "convert the model again: LEAKY_RELU needs its options")
    alpha = np.float32(options.alpha)
    if source.dtype is DType.FLOAT32:
        return lower_float("tk_leaky_relu_f32", source, target, alpha=float(alpha))
    q_in, q_out = int8_quantization(source), int8_quantization(target)
    negative = rescaler(float(q_in.scale * alpha / q_out.scale))
    positive = rescaler(float(q_in.scale / q_out.scale))

    def function(q: int) -> int:
        x = q - q_in.zero_point
        return clamp_int8(q_out.zero_point + (positive(x) if x >= 0 else negative(x)))

    return lower_table(source, target, function)
