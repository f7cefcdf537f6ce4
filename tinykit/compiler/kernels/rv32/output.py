"""How sums become outputs on RISC-V, and why that is exact.

TFLite-Micro rounds twice: to a product ``x = floor((sum * multiplier + 2**30) / 2**31)``, then to
``y = round(x / 2**shift)``, ties away from zero. There are two ways to do it:

- ROUNDED does just that, with ``x`` from both halves of a product, and one subtracted from negative ``x`` so that
  ties go the right way: 8 instructions.
- FLOORED takes the high half only: ``((sum + before) * 2 * multiplier >> 32) + after >> shift``, 3 instructions, as
  ``before`` is part of the bias. Where negative results are clamped (RELU), no tie goes the other way, and all that is
  missing is the half of the first rounding. ``before`` and ``after`` make up for it nearly. An output has at most 256
  values, and both functions are monotonous: they are the same function if each value begins at the same sum in both.
  So ``before`` and ``after`` are searched for, and candidates are held to all of these beginnings.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tinykit.compiler.kernels.base import Target
from tinykit.compiler.kernels.checks import int8_clamp, int8_quantization
from tinykit.compiler.kernels.quantize_math import multiply_by_quantized_multiplier
from tinykit.compiler.kernels.variants import SumTask

_SEARCH = ((512, 0), (16384, 0), (512, 256))
"""How far from its natural value ``after`` is searched for, and the multiplier: near for most channels, then far."""
_CANDIDATES = 32
_LARGEST_SHIFT = 18  # above it ``after`` does not fit beside the shift

Constants = tuple[int, int, int]
"""Where a sum begins; twice the multiplier; ``after * 32 + shift``."""


def is_rv32(target: Target) -> bool:
    """Whether a core has 32-bit registers, multiplication and its high half."""
    return target.core.startswith("rv32im")


@dataclass(frozen=True, eq=False)
class Rv32Output:
    """What the kernels need to make outputs of sums.

    Attributes:
        channels: int32, shape (channels, 3): ``Constants`` of each channel, the multiplier as the bits of a uint32.
        rounded: see above; for the whole layer.
        low: smallest output.
        high: largest output.
    """

    channels: np.ndarray
    rounded: bool
    low: int
    high: int

    @property
    def instructions(self) -> int:
        """For one output of a sum, with clamping and storing, on average."""
        return 12 if self.rounded else 7


@dataclass(frozen=True)
class _Layer:
    """What is the same for all channels of a layer."""

    zero_point: int
    low: int
    high: int
    rounded: bool


def rv32_output(task: SumTask, *, shared: bool = False) -> Rv32Output | None:
    """The constants of a layer's channels, or None where there are none that are exact.

    Args:
        shared: all channels have the same constants but for the bias; None where they have not the same multiplier.
    """
    layer = task.layer
    zero_point = int8_quantization(layer.target).zero_point
    low, high = int8_clamp(layer.activation, layer.target)
    rows = layer.rows.astype(np.int64)
    least = np.where(rows > 0, rows * -128, rows * 127).sum(axis=1) + task.bias
    most = np.where(rows > 0, rows * 127, rows * -128).sum(axis=1) + task.bias
    if shared:
        if len(set(task.pairs)) > 1:
            return None
        least[:], most[:] = least.min(), most.max()
    for rounded in (False, True) if low >= zero_point else (True,):
        about = _Layer(zero_point, low, high, rounded)
        found = _channels(about, task, least.tolist(), most.tolist(), shared)
        if found is not None:
            words = np.array(found, np.int64).reshape(-1, 3) & 0xFFFFFFFF
            return Rv32Output(words.astype(np.uint32).view(np.int32), rounded, low, high)
    return None


def _channels(about: _Layer, task: SumTask, least: list[int], most: list[int], shared: bool) -> list[Constants] | None:
    found: list[Constants] = []
    for channel, bias in enumerate(task.bias.tolist()):
        if shared and found:
            constants: Constants | None = (found[0][0] - int(task.bias[0]) + bias, *found[0][1:])
        else:
            multiplier, shift = task.pairs[channel if len(task.pairs) > 1 else 0]
            constants = _channel(about, least[channel], most[channel], bias, multiplier, -shift)
        if constants is None:
            return None
        found.append(constants)
    return found


def _channel(about: _Layer, least: int, most: int, bias: int, multiplier: int, shift: int) -> Constants | None:
    """The constants of a channel whose sums are from ``least`` to ``most``, or None."""

    def output(total: int) -> int:
        y = multiply_by_quantized_multiplier(total, multiplier, -shift) + about.zero_point
        return min(max(y, about.low), about.high)

    if output(least) == output(most):
        return 0, 0, output(least) * 32
    if not 0 <= shift <= 31:
        return None
    values = np.arange(about.low + 1, about.high + 1, dtype=np.int64)
    begins = np.clip(_begins(values - about.zero_point, multiplier, shift), least, most + 1)
    # A multiplier of fewer bits is tried where the shift is too large.
    less = max(0, shift - _LARGEST_SHIFT)
    factor, shift = 2 * multiplier >> less, shift - less
    natural = (about.zero_point << shift) + (1 << shift >> 1)
    candidates = [(factor, 0, 0)] if about.rounded else _candidates(factor, 2**31 >> less)
    for factor, before, step in candidates:
        after = natural + step
        first = (values << shift) - after  # what x has to be at least
        if about.rounded:
            ours = -((2**31 - (first + (first < 0) << 32)) // factor)
        else:
            ours = -((-first << 32) // factor) - before
        if np.array_equal(np.clip(ours, least, most + 1), begins) and _fits(
            least + before, most + before, factor, after
        ):
            return bias + before, factor, after * 32 + shift
    return None


def _candidates(factor: int, half: int) -> Iterator[tuple[int, int, int]]:
    """Multiplier, ``before``, and ``step``, a part of ``after``, that are together worth nearly the missing half.

    They are worth ``before * factor + step * 2**32``.
    """
    for reach, around in _SEARCH:
        steps = np.arange(-reach, reach + 1, dtype=np.int64)
        for changed in range(max(1, factor - around), min(factor + around, 2**32 - 1) + 1):
            missing = half - steps * 2**32
            before = np.stack([missing // changed, missing // changed + 1])
            error = np.abs(before * changed - missing).reshape(-1)
            for i in np.argpartition(error, _CANDIDATES)[:_CANDIDATES].tolist():
                yield changed, int(before.reshape(-1)[i]), int(steps[i % len(steps)])


def _begins(values: np.ndarray, multiplier: int, shift: int) -> np.ndarray:
    """The smallest sum that TFLite-Micro's arithmetic makes each value (without zero point) or more."""
    first = (values << shift) - (1 << shift >> 1)
    if shift:
        first = first + (values <= 0)
    # floor((sum * multiplier + 2**30) / 2**31) >= first
    begins: np.ndarray = -((2**30 - (first << 31)) // multiplier)
    return begins


def _fits(least: int, most: int, factor: int, after: int) -> bool:
    """Whether nothing leaves 32 bits between these sums; 2 for roundings."""
    smallest, largest = (least * factor >> 32) - 2, (most * factor >> 32) + 2
    return (
        least >= -(2**31)
        and most < 2**31
        and -(2**26) <= after < 2**26
        and smallest + min(after, 0) >= -(2**31)
        and largest + max(after, 0) < 2**31
    )
