"""From sums to outputs without a 64-bit product: functions of two 32-bit multiplications, proven step by step.

An int8 output is a monotonic function of the 32-bit sum, with at most 255 steps. Between the sum from which on outputs
are above the lower bound and the one from which on they are at the upper bound, the kernels compute

    (z * high + ((z * low) >> 12) + offset) >> 24,    z = sum - sum at the lower end

which is monotonic, too. So it is the right function if it is right on both sides of each step, and that is checked
here for every channel. TFLite-Micro rounds ties away from zero, which bends the line where results change their sign:
there `offset` may change.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinykit.compiler.kernels.checks import int8_clamp, int8_quantization
from tinykit.compiler.kernels.sums import simplify_constant_channels
from tinykit.compiler.kernels.variants import SumTask

LOW_BITS = 12
"""Bits of the multiplier's fraction."""
_LIMIT_BITS = 32 - LOW_BITS
"""The fraction and the number of sums between the bounds share a word."""
_ONE = 1 << 24
_NONE = np.int64(1) << 62


@dataclass(frozen=True)
class Steps:
    """How the kernels compute outputs, all arrays per channel.

    Attributes:
        bias: what z begins with: the layer's bias less the sum at the lower end.
        limit: from this z on the output is the upper bound.
        high, low: the multiplier, in units of 2**-24 and 2**-36 outputs.
        offset: at and above z = ``split``.
        offset_below: below it.
        bent: whether some channel needs both offsets.
    """

    bias: np.ndarray
    limit: np.ndarray
    high: np.ndarray
    low: np.ndarray
    offset: np.ndarray
    split: np.ndarray
    offset_below: np.ndarray
    bent: bool
    clamp_min: int
    clamp_max: int

    @property
    def instructions(self) -> int:
        """From a sum to an output, on average; clamped ones take half as many, and of a RELU's half are."""
        return 11 if self.bent else 8

    def table(self) -> np.ndarray:
        """The table that tk_m0_macros.h describes, uint32, one row per channel."""
        columns = [
            self.bias,
            (self.limit << LOW_BITS) | self.low,
            self.high,
            self.offset + (self.clamp_min & 0xFF) * _ONE,
        ]
        if self.bent:
            columns += [self.split, self.offset_below + (self.clamp_min & 0xFF) * _ONE]
        return (np.stack(columns, axis=1) & 0xFFFFFFFF).astype(np.uint32)


def find_steps(task: SumTask, *, shared: bool = False) -> Steps | None:
    """The functions of all channels, or None when some channel's cannot be had this way.

    Args:
        shared: one multiplier for all, and one function; only their biases differ.
    """
    layer = task.layer
    low, high = int8_clamp(layer.activation, layer.target)
    rows = layer.rows.astype(np.int64)
    channels = len(rows)
    zero_point = int8_quantization(layer.target).zero_point
    biases, pairs = task.bias, task.pairs * (channels if len(task.pairs) == 1 else 1)
    if not shared:
        biases, pairs = simplify_constant_channels(layer.rows, biases, pairs, zero_point, low, high)
    multiplier, shift = np.array(pairs, np.int64).T
    bias = biases.astype(np.int64)
    least = bias + np.sum(np.where(rows > 0, rows * -128, rows * 127), axis=1)
    most = bias + np.sum(np.where(rows > 0, rows * 127, rows * -128), axis=1)
    if shared:
        least, most = (np.full(channels, value) for value in (least.min(), most.max()))
    left = np.maximum(shift, 0)
    reach = np.maximum(np.abs(least), np.abs(most))
    if np.any(multiplier <= 0) or np.any(reach << left >= 2**31) or np.any(most - least >= 2**31 - 1):
        return None
    reached = _first_sums(multiplier, shift, np.arange(low + 1, high + 1) - zero_point, least, most)
    start = np.clip(reached[:, 0] - 1, least, most) if high > low else least
    reached -= start[:, None]
    limit = np.clip(reached[:, -1] if high > low else 1, 1, most - start + 1)
    if np.any(limit >= 1 << _LIMIT_BITS) or np.any(np.abs(bias - start) >= 2**31):
        return None
    slope = multiplier * np.exp2((shift - 31 + 24 + LOW_BITS).astype(np.float64))
    for split in (np.zeros(channels, np.int64), np.clip(-start, 0, limit)):
        found = _fit(reached, limit, split, slope)
        if found is not None:
            factor, offset, below = found
            bent = bool(np.any(split))
            high_part, low_part = factor >> LOW_BITS, factor & ((1 << LOW_BITS) - 1)
            return Steps(bias - start, limit, high_part, low_part, offset, split, below, bent, low, high)
    return None


def _first_sums(
    multiplier: np.ndarray, shift: np.ndarray, outputs: np.ndarray, least: np.ndarray, most: np.ndarray
) -> np.ndarray:
    """The smallest sum for which each output is reached, from ``least`` to ``most`` + 1; shape (channels, outputs).

    Inverts TFLite-Micro's ``MultiplyByQuantizedMultiplier``: round half up after the multiplication, then half away
    from zero after the right shift.
    """
    right = np.maximum(-shift, 0)[:, None]
    # Beyond 2**22 all sums of int32 give 0 or 1 at most, and the products below would leave int64.
    wide = right > 22
    right_kept = np.minimum(right, 22)
    half = (np.int64(1) << right_kept) >> 1
    product = (outputs << right_kept) - half + ((outputs <= 0) & (right_kept > 0))
    factor = (multiplier << np.maximum(shift, 0))[:, None]
    sums = -((-(product * 2**31 - 2**30)) // factor)
    if np.any(wide):
        exact = [[_first_sum(int(m), int(-s), int(q)) for q in outputs] for m, s in zip(multiplier, shift, strict=True)]
        sums = np.where(wide, np.array(exact, dtype=object), sums)
    first: np.ndarray = np.clip(sums, least[:, None], most[:, None] + 1).astype(np.int64)
    return first


def _first_sum(multiplier: int, right: int, output: int) -> int:
    product = (output << right) - (1 << right >> 1) + (output <= 0)
    return max(-(1 << 40), min(1 << 40, -((-(product << 31) + (1 << 30)) // multiplier)))


def _fit(
    reached: np.ndarray, limit: np.ndarray, split: np.ndarray, slope: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Factors and the two offsets per channel with which all steps are right; None when a channel has none."""
    last = limit - 1
    nearest = np.rint(slope).astype(np.int64)
    good = np.zeros(len(limit), bool)
    chosen = [np.zeros(len(limit), np.int64) for _ in range(3)]
    for change in (0, 1, -1, 2, -2):
        factor = np.maximum(nearest + change, 0)
        offset, fits = _offset(reached, factor, np.minimum(split, last), last)
        below, fits_below = _offset(reached, factor, np.zeros_like(last), split - 1)
        fine = fits & fits_below & ~good & (last * (factor & ((1 << LOW_BITS) - 1)) < 2**32)
        for kept, value in zip(chosen, (factor, offset, below), strict=True):
            kept[fine] = value[fine]
        good |= fine
        if np.all(good):
            return chosen[0], chosen[1], chosen[2]
    return None


def _offset(
    reached: np.ndarray, factor: np.ndarray, begin: np.ndarray, last: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The smallest offset with which all steps from ``begin`` to ``last`` are right, and whether there is one.

    An empty range is always right.
    """
    high, low = (factor >> LOW_BITS)[:, None], (factor & ((1 << LOW_BITS) - 1))[:, None]

    def line(z: np.ndarray) -> np.ndarray:
        result: np.ndarray = z * high + ((z * low) >> LOW_BITS)
        return result

    outputs = np.arange(1, reached.shape[1] + 1) * np.int64(_ONE)
    first, end = begin[:, None], last[:, None]
    # At the step and after it the output is reached, before it is not; and no result may leave 0..2**32 - 1.
    needed = np.where(reached <= end, outputs - line(np.clip(reached, first, np.maximum(end, first))), -_NONE)
    allowed = np.where(reached > first, outputs - 1 - line(np.clip(reached - 1, first, np.maximum(end, first))), _NONE)
    offset = np.maximum(np.max(needed, axis=1, initial=-_NONE), -line(first)[:, 0])
    highest = np.minimum(np.min(allowed, axis=1, initial=_NONE), 2**32 - 1 - line(end)[:, 0])
    empty = last < begin
    return np.where(empty, 0, offset), empty | (offset <= highest)
