"""TFLite's fixed-point arithmetic on the host, bit for bit.

Sources: gemmlowp ``fixedpoint.h`` (SaturatingRoundingDoublingHighMul, RoundingDivideByPOT), TensorFlow Lite
``kernels/internal/quantization_util.cc`` (QuantizeMultiplier) and ``kernels/kernel_util.cc``
(CalculateActivationRangeQuantized). The C runtime has the same functions in ``tk_common.h``.
"""

from __future__ import annotations

import math

import numpy as np

from tinykit.compiler.kernels.base import Refusal
from tinykit.graph.options import Activation
from tinykit.graph.types import Quantization

INT32_MAX = 2**31 - 1
INT32_MIN = -(2**31)


def quantize_multiplier(real: float) -> tuple[int, int]:
    """Split ``real`` into (q, shift) with real = q * 2**(shift - 31), q an int32 in [2**30, 2**31) or 0."""
    if real == 0.0:
        return 0, 0
    mantissa, shift = math.frexp(real)
    q = round_half_away(mantissa * 2.0**31)
    if q == 2**31:
        q //= 2
        shift += 1
    if shift < -31:
        return 0, 0
    if shift > 30:
        return INT32_MAX, 30
    return q, shift


def saturating_rounding_doubling_high_mul(a: int, b: int) -> int:
    """round(a * b / 2**31), ties towards +infinity, saturated."""
    if a == b == INT32_MIN:
        return INT32_MAX
    return (a * b + (1 << 30)) >> 31


def rounding_divide_by_pot(x: int, exponent: int) -> int:
    """round(x / 2**exponent), ties away from zero."""
    mask = (1 << exponent) - 1
    remainder = x & mask
    threshold = (mask >> 1) + (1 if x < 0 else 0)
    return (x >> exponent) + (1 if remainder > threshold else 0)


def multiply_by_quantized_multiplier(x: int, q: int, shift: int) -> int:
    """x * q * 2**(shift - 31) with TFLite-Micro's double rounding."""
    left = max(shift, 0)
    right = max(-shift, 0)
    return rounding_divide_by_pot(saturating_rounding_doubling_high_mul(wrap32(x << left), q), right)


def wrap32(x: int) -> int:
    """Two's complement int32 of any integer."""
    return ((x + 2**31) & 0xFFFFFFFF) - 2**31


def round_half_away(x: float) -> int:
    """The nearest integer, ties away from zero."""
    return math.floor(x + 0.5) if x >= 0 else -math.floor(-x + 0.5)


def quantized_activation_range(activation: Activation, quant: Quantization, qmin: int, qmax: int) -> tuple[int, int]:
    """Clamp bounds of a fused activation in the output's quantized units, within [qmin, qmax].

    Raises:
        ValueError: for an activation with no quantized form (TANH, SIGN_BIT).
        Refusal: for a scale so small that a bound is beyond 32 bits, which TFLite-Micro's kernel_util.cc refuses.
    """

    def q(real: float) -> int:
        # single-precision division, round half away from zero, as TfLiteRound(f / scale) does
        steps = round_half_away(float(np.float32(real) / quant.scale))
        if not INT32_MIN <= steps <= INT32_MAX:
            raise Refusal(f"{real} is {steps:.3g} steps of its output's scale", "quantize the model again")
        return quant.zero_point + steps

    if activation is Activation.NONE:
        return qmin, qmax
    if activation is Activation.RELU:
        return max(qmin, q(0.0)), qmax
    if activation is Activation.RELU6:
        return max(qmin, q(0.0)), min(qmax, q(6.0))
    if activation is Activation.RELU_N1_TO_1:
        return max(qmin, q(-1.0)), min(qmax, q(1.0))
    raise ValueError(f"no quantized form of fused {activation.name}")


def float_activation_range(activation: Activation) -> tuple[float, float]:
    """Clamp bounds of a fused activation for float tensors.

    Raises:
        ValueError: for an activation that is not a clamp (TANH, SIGN_BIT).
    """
    largest = float(np.finfo(np.float32).max)
    bounds = {
        Activation.NONE: (-largest, largest),
        Activation.RELU: (0.0, largest),
        Activation.RELU6: (0.0, 6.0),
        Activation.RELU_N1_TO_1: (-1.0, 1.0),
    }
    if activation not in bounds:
        raise ValueError(f"no float form of fused {activation.name}")
    return bounds[activation]
