"""RELU, RELU6 and LEAKY_RELU as ops of their own (fused ones are clamps of the op they are fused into)."""

from __future__ import annotations

import numpy as np

from tinykit.compiler.kernels.base import LowerContext, Lowered, Refusal, lowers, same_types
from tinykit.compiler.kernels.checks import (
    float_clamp,
    int8_clamp,
    int8_quantization,
    integer_quantization,
    require,
    scale_multiplier,
    symmetric_quantization,
    unary_operands,
)
from tinykit.compiler.kernels.elementwise import lower_elementwise
from tinykit.compiler.kernels.lut import clamp_int8, lower_table, rescaler
from tinykit.compiler.kernels.quantize_math import quantized_activation_range
from tinykit.compiler.kernels.unary_float import lower_float
from tinykit.graph.options import Activation, LeakyReluOptions
from tinykit.graph.types import DType, Op

_TYPES = same_types(DType.INT8, DType.INT16, DType.FLOAT32)
_FAR_SCALES = {"scales of integers that differ by a factor of 2^30 or more": "quantize the model again"}


@lowers("RELU", types=_TYPES, takes="any shape; int8 and int16 are rescaled", refuses=_FAR_SCALES, float_exact=True)
def lower_relu(ctx: LowerContext, op: Op) -> Lowered:
    """Integers as ``activations_common.cc`` of TFLite-Micro: rescale, then clamp at the output's zero point."""
    source, target = unary_operands(ctx, op)
    if source.dtype is DType.FLOAT32:
        return lower_float("tk_relu_f32", source, target)
    if source.dtype is DType.INT16:
        q_in, q_out = symmetric_quantization(source), symmetric_quantization(target)
        multiplier, shift = scale_multiplier(float(q_in.scale) / float(q_out.scale))
        zeros = {"zero_in": 0, "zero_out": 0, "low": 0, "high": 32767}
        return lower_elementwise("tk_requantize_s16_s16", source, target, multiplier=multiplier, shift=shift, **zeros)
    q_in, q_out = int8_quantization(source), int8_quantization(target)
    rescale = rescaler(float(q_in.scale) / float(q_out.scale))

    def function(q: int) -> int:
        return clamp_int8(q_out.zero_point + rescale(q - q_in.zero_point), low=q_out.zero_point)

    return lower_table(source, target, function)


@lowers(
    "RELU6",
    types=_TYPES,
    takes="any shape; int8 and int16 are never rescaled",
    refuses={"an integer input of which 6 is 2^31 steps": "quantize the model again"},
    float_exact=True,
)
def lower_relu6(ctx: LowerContext, op: Op) -> Lowered:
    """Integers as ``activations_common.cc`` of TFLite-Micro: clamps in the input's units and never rescales, whatever
    the output's scale and zero point are."""
    source, target = unary_operands(ctx, op)
    if source.dtype is DType.FLOAT32:
        low, high = float_clamp(Activation.RELU6)
        return lower_float("tk_clamp_f32", source, target, low=low, high=high)
    quant = integer_quantization(source)
    steps = 6.0 / float(quant.scale)
    require(steps < 2.0**31 - 2.0**16, f"6 is {steps:.3g} steps of its input's scale", "quantize the model again")
    if source.dtype is DType.INT16:
        bottom, top = quantized_activation_range(Activation.RELU6, quant, -32768, 32767)
        return lower_elementwise("tk_clamp_s16", source, target, low=bottom, high=top)
    int8_quantization(target)
    smallest, largest = int8_clamp(Activation.RELU6, source)

    return lower_table(source, target, lambda q: clamp_int8(q, smallest, largest))


@lowers(
    "LEAKY_RELU",
    types=_TYPES,
    takes="any shape, any alpha; int8 and int16 are rescaled",
    refuses=_FAR_SCALES,
    float_exact=True,
)
def lower_leaky_relu(ctx: LowerContext, op: Op) -> Lowered:
    """Integers as ``leaky_relu_common.cc`` of TFLite-Micro: two multipliers, both computed in double precision.

    With a negative alpha what is rounded is the product with its absolute value, as the oracle shows by its ties.
    """
    source, target = unary_operands(ctx, op)
    options = op.options
    if not isinstance(options, LeakyReluOptions):
        raise Refusal("it has no alpha", "convert the model again: LEAKY_RELU needs its options")
    alpha = np.float32(options.alpha)
    if source.dtype is DType.FLOAT32:
        return lower_float("tk_leaky_relu_f32", source, target, alpha=float(alpha))
    q_in, q_out = integer_quantization(source), integer_quantization(target)
    real = float(q_in.scale) / float(q_out.scale)
    real_alpha = float(q_in.scale) * abs(float(alpha)) / float(q_out.scale)
    if source.dtype is DType.INT16:
        multiplier, shift = scale_multiplier(real)
        alpha_multiplier, alpha_shift = scale_multiplier(real_alpha)
        return lower_elementwise(
            "tk_leaky_relu_s16",
            source,
            target,
            zero_in=q_in.zero_point,
            zero_out=q_out.zero_point,
            multiplier=multiplier,
            shift=shift,
            alpha_multiplier=alpha_multiplier,
            alpha_shift=alpha_shift,
            alpha_is_negative=int(alpha < 0),
        )
    negative, positive = rescaler(real_alpha), rescaler(real)
    sign = -1 if alpha < 0 else 1

    def function(q: int) -> int:
        x = q - q_in.zero_point
        return clamp_int8(q_out.zero_point + (positive(x) if x >= 0 else sign * negative(x)))

    return lower_table(source, target, function)
