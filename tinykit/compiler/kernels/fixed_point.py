"""gemmlowp's fixed-point exp, logistic and tanh and TFLite's inverse square root on the host, bit for bit.

They are for tables made at compile time.

A fixed-point number in Qm.(31-m) is its raw int32 here. Products are rounded doubling high multiplications; formulas
and constants are those of gemmlowp ``fixedpoint/fixedpoint.h``, which TFLite's quantized kernels use.
"""

from __future__ import annotations

from tinykit.compiler.kernels.quantize_math import (
    INT32_MAX,
    INT32_MIN,
    rounding_divide_by_pot,
    saturating_rounding_doubling_high_mul,
)

_mul = saturating_rounding_doubling_high_mul

_EXP_MINUS_ONE_EIGHTH = 1895147668  # exp(-1/8) in Q0.31
_ONE_THIRD = 715827883  # 1/3 in Q0.31
_48_OVER_17 = 1515870810  # in Q2.29: start of the Newton-Raphson division
_MINUS_32_OVER_17 = -1010580540  # in Q2.29
_ONE_Q2 = 1 << 29
_THREE_HALVES_Q3 = 3 << 27
_HALF_SQRT_2 = 1518500250  # in Q0.31
# exp(-2**exponent) in Q0.31
_EXP_OF_MINUS_POT = {
    -2: 1672461947,
    -1: 1302514674,
    0: 790015084,
    1: 290630308,
    2: 39332535,
    3: 720401,
    4: 242,
}


def exp_on_negative_values(x: int, integer_bits: int) -> int:
    """exp(x) in Q0.31 for x <= 0 in Q(integer_bits), integer_bits 1 to 5."""
    if x == 0:
        return INT32_MAX
    fraction_bits = 31 - integer_bits
    quarter = 1 << (fraction_bits - 2)
    # x = part - remainder, with part in [-1/4, 0) for the polynomial and remainder a multiple of 1/4
    part = (x & (quarter - 1)) - quarter
    result = _exp_near_minus_one_eighth(part << integer_bits)
    remainder = part - x
    for exponent, factor in _EXP_OF_MINUS_POT.items():
        if exponent < integer_bits and remainder & (1 << (fraction_bits + exponent)):
            result = _mul(result, factor)
    return result


def logistic(x: int, integer_bits: int) -> int:
    """1 / (1 + exp(-x)) in Q0.31 for x in Q(integer_bits)."""
    if x == 0:
        return 1 << 30
    positive = _shift_left_saturating(_two_over_one_plus(exp_on_negative_values(-abs(x), integer_bits)), 1)
    return positive if x > 0 else INT32_MAX - positive


def tanh(x: int, integer_bits: int) -> int:
    """tanh(x) in Q0.31 for x in Q(integer_bits): (1 - exp(-2x)) / (1 + exp(-2x))."""
    if x == 0:
        return 0
    # the same raw value with one more integer bit is twice the value
    halves = _two_over_one_plus(exp_on_negative_values(-abs(x), integer_bits + 1))
    magnitude = _shift_left_saturating(halves - _ONE_Q2, 2)
    return magnitude if x > 0 else -magnitude


def _exp_near_minus_one_eighth(a: int) -> int:
    """exp(a) in Q0.31 for a in [-1/4, 0) in Q0.31: a Taylor polynomial of degree 4 around -1/8."""
    x = a + (1 << 28)
    x2 = _mul(x, x)
    x3 = _mul(x2, x)
    x4 = _mul(x2, x2)
    tail = rounding_divide_by_pot(_mul(rounding_divide_by_pot(x4, 2) + x3, _ONE_THIRD) + x2, 1)
    return _EXP_MINUS_ONE_EIGHTH + _mul(_EXP_MINUS_ONE_EIGHTH, x + tail)


def _two_over_one_plus(a: int) -> int:
    """2 / (1 + a) in Q2.29 for a in (0, 1] in Q0.31, by three Newton-Raphson steps."""
    half_denominator = (a + INT32_MAX + 1) >> 1
    x = _48_OVER_17 + _mul(half_denominator, _MINUS_32_OVER_17)
    for _ in range(3):
        error = _ONE_Q2 - _mul(half_denominator, x)
        x += _shift_left_saturating(_mul(x, error), 2)
    return x


def _shift_left_saturating(x: int, amount: int) -> int:
    threshold = (1 << (31 - amount)) - 1
    if x > threshold:
        return INT32_MAX
    if x < -threshold:
        return INT32_MIN
    return x << amount


def inverse_sqrt(x: int) -> tuple[int, int]:
    """1 / sqrt(x) of an integer x > 0 as (q, shift): q * 2**(shift - 31), shift <= 0.

    As ``GetInvSqrtQuantizedMultiplierExp`` of TensorFlow Lite's ``kernels/internal/common.h``; the C runtime has it in
    ``tk_inverse_sqrt.h``.
    """
    if x <= 1:
        return INT32_MAX, 0
    right = 11
    while x >= 1 << 29:
        x, right = x // 4, right + 1
    while x < 1 << 27:
        x, right = x << 2, right - 1
    half = rounding_divide_by_pot(x >> 1, 1)
    y = 1 << 28  # in Q3.28
    for _ in range(5):
        cube = _shift_left_saturating(_mul(_mul(y, y), y), 6)
        y = _shift_left_saturating(_mul(_THREE_HALVES_Q3, y) - _mul(half, cube), 3)
    y = _mul(y, _HALF_SQRT_2)
    return (y, -right) if right >= 0 else (y << -right, 0)
