"""ADD and SUB."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tinykit.compiler.kernels.arithmetic import (
    BINARY_REFUSES,
    QUANTIZED,
    BinaryOp,
    binary_op,
    high_mul,
    integer_clamp,
    requantized,
    rounding_shift,
)
from tinykit.compiler.kernels.base import LowerContext, Lowered, ParamValue, lowers, same_types
from tinykit.compiler.kernels.checks import CONVERT_AGAIN, float_clamp, require, scale_multiplier
from tinykit.compiler.kernels.variants import with_variants
from tinykit.graph.options import Activation
from tinykit.graph.types import DType, Op, Quantization

# Bits by which TFLite shifts inputs up before it rescales them.
_LEFT_SHIFT = {DType.INT8: 20, DType.INT16: 15}


@dataclass(frozen=True)
class Rescaling:
    """TFLite-Micro's int8 arithmetic: both inputs on a common scale of 2**-19 steps, their sum on the output's."""

    zero_points: tuple[int, int, int]
    multipliers: tuple[int, int, int]
    right_shifts: tuple[int, int, int]
    sign: int
    low: int
    high: int

    def __call__(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        total = self._scaled(first, 0) + self.sign * self._scaled(second, 1)
        rescaled = rounding_shift(high_mul(total, self.multipliers[2]), self.right_shifts[2])
        return requantized(rescaled, self.zero_points[2], self.low, self.high)

    def _scaled(self, q: np.ndarray, i: int) -> np.ndarray:
        shifted = (q - self.zero_points[i]) << _LEFT_SHIFT[DType.INT8]
        return rounding_shift(high_mul(shifted, self.multipliers[i]), self.right_shifts[i])


_TYPES = same_types(DType.INT8, DType.FLOAT32, DType.INT16, DType.INT32)
_TAKES = "broadcasting; constants"
_REFUSES = {
    **BINARY_REFUSES,
    "an int8 output scale below 2^-19 of an input's, int16 below 2^-14": "convert the model again",
}


@lowers("ADD", types=_TYPES, takes=f"{_TAKES}; int32 ignores an activation", refuses=_REFUSES, float_exact=True)
def lower_add(ctx: LowerContext, op: Op) -> Lowered:
    """As ``add_common.cc``, ``reference/integer_ops/add.h`` and, for int16, ``reference/add.h`` of TFLite-Micro, which
    leaves a fused activation of int32 out."""
    return _lower(ctx, op, 1)


@lowers("SUB", types=_TYPES, takes=_TAKES, refuses=_REFUSES, float_exact=True)
def lower_sub(ctx: LowerContext, op: Op) -> Lowered:
    """int8 as ``reference/sub.h`` of TFLite-Micro. Multipliers are those of ADD, from double-precision quotients of
    the scales: versions of ``sub_common.cc`` before 2026 took single precision, and differ in a few results."""
    return _lower(ctx, op, -1)


def _lower(ctx: LowerContext, op: Op, sign: int) -> Lowered:
    pair = binary_op(ctx, op)
    if pair.dtype is DType.FLOAT32:
        low, high = float_clamp(pair.activation)
        sign_a, sign_b = pair.in_order(1.0, float(sign))
        return pair.call("tk_add_f32", {"sign_a": sign_a, "sign_b": sign_b, "low": low, "high": high})
    if pair.dtype is DType.INT32:
        least, most = integer_clamp(pair.activation if sign < 0 else Activation.NONE)
        first, second = pair.in_order(1, sign)
        return pair.call("tk_add_s32", {"sign_a": first, "sign_b": second, "low": least, "high": most})
    quants = pair.quantizations()
    bounds = pair.clamp()
    exact = rescaling(*quants, sign, bounds, _LEFT_SHIFT[pair.dtype])
    params: dict[str, ParamValue] = {"low": bounds[0], "high": bounds[1]}
    if pair.dtype is DType.INT16:
        return pair.call("tk_add_rescale_s16", params | _rescaled(pair, exact))
    table = pair.as_table(exact)
    if table is not None:
        return table
    linear = _linear(exact, float(quants[0].scale / quants[2].scale), sign * float(quants[1].scale / quants[2].scale))
    if linear is not None:
        scale_a, scale_b = pair.in_order(linear.first, linear.second)
        params |= {"scale_a": scale_a, "scale_b": scale_b, "offset": linear.offset, "shift": linear.shift}
        return with_variants(ctx.target, pair.call("tk_add_s8", params).calls[0])
    return pair.call("tk_add_rescale_s8", params | _rescaled(pair, exact))


def _rescaled(pair: BinaryOp, exact: Rescaling) -> dict[str, ParamValue]:
    """The parameters of the kernels that round as often as TFLite does."""
    params: dict[str, ParamValue] = {}
    for i, name in enumerate(pair.in_order("a", "b")):
        params |= {
            f"zero_{name}": exact.zero_points[i],
            f"multiplier_{name}": exact.multipliers[i],
            f"shift_{name}": exact.right_shifts[i],
            f"sign_{name}": (1, exact.sign)[i],
        }
    return params | {"zero": exact.zero_points[2], "multiplier": exact.multipliers[2], "shift": exact.right_shifts[2]}


def rescaling(
    first: Quantization,
    second: Quantization,
    output: Quantization,
    sign: int,
    bounds: tuple[int, int],
    left_shift: int = _LEFT_SHIFT[DType.INT8],
) -> Rescaling:
    """The exact arithmetic of first + sign * second, within the bounds.

    Raises:
        Refusal: when the scales are too far apart.
    """
    scales = [float(q.scale) for q in (first, second, output)]
    twice_max = 2 * max(scales[0], scales[1])
    reals = (scales[0] / twice_max, scales[1] / twice_max, twice_max / ((1 << left_shift) * scales[2]))
    require(
        all(0.0 < r < 1.0 for r in reals),
        f"its scales {first.scale}, {second.scale} and {output.scale} are too far apart",
        CONVERT_AGAIN,
    )
    split = [scale_multiplier(r) for r in reals]
    return Rescaling(
        (first.zero_point, second.zero_point, output.zero_point),
        (split[0][0], split[1][0], split[2][0]),
        (-split[0][1], -split[1][1], -split[2][1]),
        sign,
        *bounds,
    )


@dataclass(frozen=True)
class _Linear:
    """``(first * a + second * b + offset) >> shift``, clamped."""

    first: int
    second: int
    offset: int
    shift: int


def _linear(exact: Rescaling, first: float, second: float) -> _Linear | None:
    """A single-rounding formula in 32 bits that equals ``exact`` for all 65536 pairs of inputs, or None.

    ``first`` and ``second`` are the real factors. For given integer factors every pair confines the offset to an
    interval; if the intersection of all of them is not empty, any offset inside is right.
    """
    want = exact(QUANTIZED[:, None], QUANTIZED[None, :])
    zero_first, zero_second, zero = exact.zero_points
    reach = 128 * (abs(first) + abs(second)) + abs(zero + 0.5 - first * zero_first - second * zero_second)
    finest = math.floor(math.log2((2**31 - 1) / reach))
    for shift in range(min(finest, 30), max(finest - 3, 0), -1):
        for a, b in _near(round(first * 2.0**shift), round(second * 2.0**shift)):
            total = QUANTIZED[:, None] * a + QUANTIZED[None, :] * b
            at_least = max(int(np.where(want > exact.low, (want << shift) - total, -(2**31)).max()), -(2**31))
            below = min(int(np.where(want < exact.high, ((want + 1) << shift) - total, 2**31).min()), 2**31)
            offset = (at_least + below) // 2
            if at_least < below and abs(offset) + 128 * (abs(a) + abs(b)) < 2**31:
                return _Linear(a, b, offset, shift)
    return None


def _near(a: int, b: int) -> Iterator[tuple[int, int]]:
    """Pairs of integers around (a, b), the nearest first."""
    steps = [(i, j) for i in range(-3, 4) for j in range(-3, 4)]
    for i, j in sorted(steps, key=lambda s: abs(s[0]) + abs(s[1])):
        yield a + i, b + j
