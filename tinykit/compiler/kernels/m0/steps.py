"""From sums to outputs without a 64-bit product: functions of two 32-bit multiplications, proven step by step.

An int8 output is a monotonic function of the 32-bit sum, with at most 255 steps. Between the sum from which on outputs
are above the lower bound and the one from which on they are at the upper bound, the kernels compute

    (z * high + ((z * low) >> 12) + offset) >> 24,    z = sum - sum at the lower end

which is monotonic, too. So it is the right function if it is right on both sides of each step, and that is checked
here for every channel. TFLite-Micro rounds ties away from zero, which bends the line where results change their sign:
there `offset` may change. A channel for which no such function is found, because an output is very many sums wide, is
computed with TFLite-Micro's own 64-bit product instead.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinykit.compiler.kernels.checks import int8_clamp, int8_quantization
from tinykit.compiler.kernels.sums import simplify_constant_channels
from tinykit.compiler.kernels.variants import SumTask

LOW_BITS = 12
"""Bits of the multiplier's fraction."""
_LOW_MASK = (1 << LOW_BITS) - 1
_LIMIT_BITS = 31 - LOW_BITS
"""The fraction and the number of sums between the bounds share a word; its highest bit is for channels without."""
_ONE = 1 << 24
SHARED_CODE = {"tk_m0_output": 112}
"""``KernelCall.shares`` of all kernels that use tk_m0_macros.h."""
_EXACT = 120
"""Instructions of an output with a 64-bit product; measured."""
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
        bent: whether some channel needs both offsets, or is exact.
        exact: which channels are computed with a 64-bit product; the other fields are what tk_m0_macros.h says then.
    """

    bias: np.ndarray
    limit: np.ndarray
    high: np.ndarray
    low: np.ndarray
    offset: np.ndarray
    split: np.ndarray
    offset_below: np.ndarray
    bent: bool
    exact: np.ndarray
    clamp_min: int
    clamp_max: int

    @property
    def instructions(self) -> int:
        """From a sum to an output, on average; clamped ones take half as many, and of a RELU's half are."""
        return (11 if self.bent else 8) + round(_EXACT * float(np.mean(self.exact)))

    def table(self) -> np.ndarray:
        """The table that tk_m0_macros.h describes, uint32, one row per channel."""
        columns = [
            self.bias,
            (self.limit << LOW_BITS) | self.low,
            self.high,
            self.offset + np.where(self.exact, 0, (self.clamp_min & 0xFF) * _ONE),
        ]
        if self.bent:
            columns += [self.split, self.offset_below + np.where(self.exact, 0, (self.clamp_min & 0xFF) * _ONE)]
        return (np.stack(columns, axis=1) & 0xFFFFFFFF).astype(np.uint32)


def find_steps(task: SumTask, *, shared: bool = False) -> Steps | None:
    """The functions of all channels, or None when sums can be further apart than 31 bits hold.

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
    if np.any(most - least >= 2**31 - 1):
        return None
    left = np.maximum(shift, 0)
    # What these have no steps for, or not those of arithmetic without overflow.
    odd = (multiplier <= 0) | (np.maximum(np.abs(least), np.abs(most)) >= 2**31 >> left)
    outputs = np.arange(low + 1, max(high, low + 1) + 1) - zero_point
    reached = _first_sums(np.maximum(multiplier, 1), np.where(odd, 0, shift), outputs, least, most)
    start = np.clip(reached[:, 0] - 1, least, most)
    reached -= start[:, None]
    limit = np.clip(reached[:, -1], 1, most - start + 1)
    odd |= limit >= 1 << _LIMIT_BITS
    # Functions are looked for with a limit at which nothing overflows, and for odd channels not used.
    limit = np.minimum(limit, 1 << _LIMIT_BITS)
    slope = np.where(odd, 0, multiplier * np.exp2((shift - 31 + 24 + LOW_BITS).astype(np.float64)))
    straight, bent = (_fit(reached, limit, at, slope) for at in (np.zeros_like(limit), np.clip(-start, 0, limit)))
    takes_bent = ~straight.fits & bent.fits
    exact = odd | ~(straight.fits | bent.fits)

    def choose(if_straight: np.ndarray, if_bent: np.ndarray, if_exact: np.ndarray | int) -> np.ndarray:
        return np.where(exact, if_exact, np.where(takes_bent, if_bent, if_straight))

    packed = -(1 << 31) | (zero_point & 0xFF) << 8 | (shift & 0xFF)
    return Steps(
        bias=bias - np.where(exact, least, start),
        limit=np.where(exact, (1 << (32 - LOW_BITS)) - 1, limit),
        high=choose(straight.factor >> LOW_BITS, bent.factor >> LOW_BITS, packed),
        low=choose(straight.factor & _LOW_MASK, bent.factor & _LOW_MASK, 0),
        offset=choose(straight.offset, bent.offset, multiplier),
        split=choose(np.zeros_like(limit), np.clip(-start, 0, limit), 2**32 - 1),
        offset_below=choose(straight.below, bent.below, least),
        bent=bool(np.any(takes_bent | exact)),
        exact=exact,
        clamp_min=low,
        clamp_max=high,
    )


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


@dataclass(frozen=True)
class _Fit:
    """Factors and both offsets per channel, and for which of them all steps are right."""

    factor: np.ndarray
    offset: np.ndarray
    below: np.ndarray
    fits: np.ndarray


def _fit(reached: np.ndarray, limit: np.ndarray, split: np.ndarray, slope: np.ndarray) -> _Fit:
    last = limit - 1
    nearest = np.rint(slope).astype(np.int64)
    zeros = np.zeros_like(limit)
    found = _Fit(zeros, zeros.copy(), zeros.copy(), np.zeros(len(limit), bool))
    for change in (0, 1, -1, 2, -2):
        factor = np.maximum(nearest + change, 0)
        offset, fits = _offset(reached, factor, np.minimum(split, last), last)
        below, fits_below = _offset(reached, factor, np.zeros_like(last), split - 1)
        better = fits & fits_below & ~found.fits & (last * (factor & _LOW_MASK) < 2**32)
        for kept, value in ((found.factor, factor), (found.offset, offset), (found.below, below), (found.fits, True)):
            np.copyto(kept, value, where=better)
        if np.all(found.fits):
            break
    return found


def _offset(
    reached: np.ndarray, factor: np.ndarray, begin: np.ndarray, last: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The smallest offset with which all steps from ``begin`` to ``last`` are right, and whether there is one.

    An empty range is always right.
    """
    high, low = (factor >> LOW_BITS)[:, None], (factor & _LOW_MASK)[:, None]

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
