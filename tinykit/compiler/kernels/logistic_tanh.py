"""LOGISTIC and TANH: a table for int8, the C library's functions for float32."""

from __future__ import annotations

import math
from collections.abc import Callable

from tinykit.compiler.kernels import fixed_point
from tinykit.compiler.kernels.base import LowerContext, Lowered, Refusal, lowers
from tinykit.compiler.kernels.checks import int8_quantization, unary_operands
from tinykit.compiler.kernels.lut import clamp_int8, lower_table
from tinykit.compiler.kernels.quantize_math import multiply_by_quantized_multiplier, rounding_divide_by_pot
from tinykit.compiler.kernels.unary_float import lower_float
from tinykit.graph.types import DType, Op, Quantization

# The argument of both functions is taken in Q4.27; outside of it they saturate.
_INTEGER_BITS = 4


_SCALES = {"an int8 input scale outside of 2^-28 to 2^35": "quantize the model again"}


@lowers(
    "LOGISTIC",
    takes="any shape; the int8 output's scale is taken to be 1/256",
    refuses={**_SCALES, "an int8 output's zero point other than -128": "quantize the model again"},
)
def lower_logistic(ctx: LowerContext, op: Op) -> Lowered:
    """int8 as ``logistic_common.cc`` and ``reference/integer_ops/logistic.h`` of TFLite-Micro: the output's zero
    point is -128, and its scale is taken to be 1/256 whatever the file says."""
    source, target = unary_operands(ctx, op)
    if source.dtype is DType.FLOAT32:
        return lower_float("tk_logistic_f32", source, target)
    zero_point = int8_quantization(target).zero_point
    if zero_point != -128:
        raise Refusal(f"its output has zero point {zero_point}", "quantize the model again: LOGISTIC needs -128")

    def curve(x: int) -> int:
        return rounding_divide_by_pot(fixed_point.logistic(x, _INTEGER_BITS), 31 - 8) - 128

    return lower_table(source, target, _saturating(int8_quantization(source), curve))


@lowers("TANH", takes="any shape; the int8 output's scale is taken to be 1/128 and its zero point 0", refuses=_SCALES)
def lower_tanh(ctx: LowerContext, op: Op) -> Lowered:
    """int8 as ``tanh.cc`` and ``reference/integer_ops/tanh.h`` of TFLite-Micro: the output is taken to have scale
    1/128 and zero point 0 whatever the file says."""
    source, target = unary_operands(ctx, op)
    if source.dtype is DType.FLOAT32:
        return lower_float("tk_tanh_f32", source, target)

    def curve(x: int) -> int:
        return rounding_divide_by_pot(fixed_point.tanh(x, _INTEGER_BITS), 31 - 7)

    return lower_table(source, target, _saturating(int8_quantization(source), curve))


def _saturating(quant: Quantization, curve: Callable[[int], int]) -> Callable[[int], int]:
    """``curve`` of a quantized value rescaled to Q4.27, with -128 and 127 beyond the range of Q4.27."""
    mantissa, shift = math.frexp(float(quant.scale) * 2.0 ** (31 - _INTEGER_BITS))
    if not 0 <= shift <= 62:
        # TFLite shifts a 64-bit one by this
        raise Refusal(f"its input has scale {quant.scale}", "use one between 2**-28 and 2**35")
    multiplier = int(mantissa * 2.0**31)  # exact: a float32's mantissa has 24 bits
    radius = math.floor((2**_INTEGER_BITS - 1) * 2.0 ** (31 - _INTEGER_BITS) / 2.0**shift)

    def function(q: int) -> int:
        x = q - quant.zero_point
        if x <= -radius:
            return -128
        if x >= radius:
            return 127
        return clamp_int8(curve(multiply_by_quantized_multiplier(x, multiplier, shift)))

    return function
