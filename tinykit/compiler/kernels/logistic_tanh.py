"""LOGISTIC and TANH: a table for int8, interpolation for int16, the C library's functions for float32."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from tinykit.compiler.kernels import fixed_point
from tinykit.compiler.kernels.base import ConstArray, LowerContext, Lowered, Refusal, lowers, same_types
from tinykit.compiler.kernels.checks import int8_quantization, require, symmetric_quantization, unary_operands
from tinykit.compiler.kernels.elementwise import lower_elementwise
from tinykit.compiler.kernels.lut import clamp_int8, lower_table
from tinykit.compiler.kernels.quantize_math import (
    multiply_by_quantized_multiplier,
    round_half_away,
    rounding_divide_by_pot,
)
from tinykit.compiler.kernels.sigmoid_table import sigmoid_table
from tinykit.compiler.kernels.unary_float import lower_float
from tinykit.graph.types import DType, Op, Quantization, Tensor

# The argument of both functions is taken in Q4.27; outside of it they saturate.
_INTEGER_BITS = 4


_AGAIN = "quantize the model again"
_SCALES = {
    "an int8 input scale outside of 2^-28 to 2^35": "use one between 2**-28 and 2**35",
    "an int16 input scale outside of 2^-44 to 5": "use one between 2**-44 and 5",
}
_TYPES = same_types(DType.INT8, DType.INT16, DType.FLOAT32)


@lowers(
    "LOGISTIC",
    types=_TYPES,
    takes="any shape; the int8 output's scale is taken to be 1/256, int16's has to be 1/32768",
    refuses={**_SCALES, "an int8 output's zero point other than -128": "quantize the model again"},
)
def lower_logistic(ctx: LowerContext, op: Op) -> Lowered:
    """int8 as ``logistic_common.cc`` and ``reference/integer_ops/logistic.h`` of TFLite-Micro: the output's zero
    point is -128, and its scale is taken to be 1/256 whatever the file says."""
    source, target = unary_operands(ctx, op)
    if source.dtype is DType.FLOAT32:
        return lower_float("tk_logistic_f32", source, target)
    if source.dtype is DType.INT16:
        return _lower_int16("tk_logistic_s16", source, target, powers=(-12,))
    zero_point = int8_quantization(target).zero_point
    if zero_point != -128:
        raise Refusal(f"its output has zero point {zero_point}", _AGAIN)

    def curve(x: int) -> int:
        return rounding_divide_by_pot(fixed_point.logistic(x, _INTEGER_BITS), 31 - 8) - 128

    return lower_table(source, target, _saturating(int8_quantization(source), curve))


@lowers(
    "TANH",
    types=_TYPES,
    takes="any shape; the int8 output's scale is taken to be 1/128 and its zero point 0, int16's has to be 1/32768",
    refuses=_SCALES,
)
def lower_tanh(ctx: LowerContext, op: Op) -> Lowered:
    """int8 as ``tanh.cc`` and ``reference/integer_ops/tanh.h`` of TFLite-Micro: the output is taken to have scale
    1/128 and zero point 0 whatever the file says."""
    source, target = unary_operands(ctx, op)
    if source.dtype is DType.FLOAT32:
        return lower_float("tk_tanh_f32", source, target)
    if source.dtype is DType.INT16:
        return _lower_int16("tk_tanh_s16", source, target, powers=(-12, -11))

    def curve(x: int) -> int:
        return rounding_divide_by_pot(fixed_point.tanh(x, _INTEGER_BITS), 31 - 7)

    return lower_table(source, target, _saturating(int8_quantization(source), curve))


def _lower_int16(kernel: str, source: Tensor, target: Tensor, powers: tuple[int, ...]) -> Lowered:
    """``CalculateArithmeticOpData`` of TFLite-Micro: the input is rescaled to 1/12288, by a multiplier of 15 bits or,
    where its scale is one of these powers of 2, exactly.

    Raises:
        Refusal: for scales with which TFLite-Micro's arithmetic overflows.
    """
    scale = symmetric_quantization(source).scale
    out_power = _power_of_two(symmetric_quantization(target).scale)
    require(out_power == -15, f"its output has scale {target.quant and target.quant.scale}, not 1/32768", _AGAIN)
    power = _power_of_two(scale)
    real, shift = float(scale) * 4096.0 * 3.0, 0
    if power in powers:
        real = 3.0 * 2.0 ** (power + 12)
    else:
        while real <= 32767.0 / 2.0 and shift <= 30:
            real, shift = real * 2.0, shift + 1
    require(1.0 <= real < 65536.0, f"its input has scale {scale}", "use one between 2**-44 and 5")
    table = ConstArray("uint16_t", sigmoid_table())
    return lower_elementwise(kernel, source, target, multiplier=int(real), shift=shift, table=table)


def _power_of_two(scale: np.float32) -> int | None:
    """The nearest power, if it is almost one: TFLite's ``CheckedLog2``."""
    log = np.float32(math.log(scale)) * (np.float32(1) / np.float32(math.log(2)))
    nearest = round_half_away(float(log))
    return nearest if abs(log - np.float32(nearest)) < np.float32(1e-3) else None


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
