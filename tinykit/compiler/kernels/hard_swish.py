"""HARD_SWISH, x * clamp(x + 3, 0, 6) / 6: a table for int8."""

from __future__ import annotations

from tinykit.compiler.kernels.base import LowerContext, Lowered, Refusal, lowers
from tinykit.compiler.kernels.checks import int8_quantization, unary_operands
from tinykit.compiler.kernels.lut import clamp_int8, lower_table
from tinykit.compiler.kernels.quantize_math import INT32_MAX, quantize_multiplier
from tinykit.compiler.kernels.unary_float import lower_float
from tinykit.graph.types import DType, Op


@lowers(
    "HARD_SWISH",
    takes="any shape; int8 is rescaled",
    refuses={
        "an int8 output scale below 1/128 of the input's": "calibrate the model again",
        "an int8 input scale of 2^23 or more": "calibrate the model again",
    },
)
def lower_hard_swish(ctx: LowerContext, op: Op) -> Lowered:
    """int8 as ``hard_swish_common.cc`` and ``reference/hard_swish.h`` of TFLite-Micro, in 16-bit fixed point.

    Raises:
        Refusal: also when the output's scale is less than 1/128 of the input's, which TFLite-Micro refuses.
    """
    source, target = unary_operands(ctx, op)
    if source.dtype is DType.FLOAT32:
        return lower_float("tk_hard_swish_f32", source, target)
    q_in, q_out = int8_quantization(source), int8_quantization(target)
    if q_in.scale >= 2.0**23:
        raise Refusal(f"its input has scale {q_in.scale}", "calibrate the model again")
    fine_scale = float(q_in.scale) / 128.0
    out_multiplier, out_exponent = _quantize_multiplier_16(fine_scale / float(q_out.scale))
    # "reluish" is x / 3 clamped to [-1, 1), in Q0.15: 3 / 2**15 is its scale on x.
    reluish_multiplier, reluish_exponent = _quantize_multiplier_16(fine_scale / (3.0 / 32768.0))
    if out_exponent > 0:
        raise Refusal(
            f"its output's scale {q_out.scale} is less than 1/128 of its input's {q_in.scale}",
            "calibrate the model again",
        )

    def function(q: int) -> int:
        x = (q - q_in.zero_point) << 7
        reluish = x
        if reluish_exponent > 0:
            reluish = _clamp_int16(reluish << (reluish_exponent - 1))
        reluish = _rounding_high_mul_16(reluish, reluish_multiplier)
        if reluish_exponent > 0:
            reluish = _clamp_int16(reluish << 1)
        if reluish_exponent < 0:
            reluish = _rounding_shift_16(reluish, -reluish_exponent)
        gate = (reluish + (1 << 15)) >> 1
        product = gate * _rounding_high_mul_16(x, out_multiplier)
        # towards zero, unlike every other step
        scaled = abs(product) >> 15 if product >= 0 else -(abs(product) >> 15)
        return clamp_int8(_wrap_int16(_rounding_shift_16(scaled, -out_exponent) + q_out.zero_point))

    return lower_table(source, target, function)


def _quantize_multiplier_16(real: float) -> tuple[int, int]:
    multiplier, exponent = quantize_multiplier(real)
    if multiplier >= INT32_MAX - (1 << 15):
        return 2**15 - 1, exponent
    return (multiplier + (1 << 15)) >> 16, exponent


def _rounding_high_mul_16(a: int, b: int) -> int:
    """round(a * b / 2**15), ties towards +infinity; never both -2**15 here."""
    return (a * b + (1 << 14)) >> 15


def _rounding_shift_16(x: int, exponent: int) -> int:
    """gemmlowp's RoundingDivideByPOT on int16. Its mask is truncated to int16, too, which shows from 16 on."""
    mask = _wrap_int16((1 << exponent) - 1)
    remainder = x & mask
    threshold = (mask >> 1) + (1 if x < 0 else 0)
    return (x >> exponent) + (1 if remainder > threshold else 0)


def _clamp_int16(x: int) -> int:
    return max(-(2**15), min(2**15 - 1, x))


def _wrap_int16(x: int) -> int:
    return ((x + 2**15) & 0xFFFF) - 2**15
