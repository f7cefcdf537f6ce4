"""How long an answer may take before it counts as lost: learned from those that came."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

_GAIN_MEAN = 1 / 8
_GAIN_DEVIATION = 1 / 4
_DEVIATIONS = 4
"""Of RFC 6298, "Computing TCP's Retransmission Timer", section 2."""
_SLOW = 5000
"""Bytes per second: less than half of what 115,200 baud is."""


@dataclass
class _Estimate:
    mean: float
    deviation: float


class Patience:
    """Round trips of one line, for each kind of request of their own: a long reply takes longer than a short one.

    The estimate is that of RFC 6298. As there, only requests that were sent once say anything (Karn's rule); a wait
    that was too short shows when the answer to a repetition comes as well.

    Args:
        shortest: seconds; computers that share their processor among programs answer late now and then.
        longest: seconds.
    """

    def __init__(self, shortest: float, longest: float) -> None:
        self._shortest = min(shortest, longest)
        self._longest = longest
        self._estimates: dict[Hashable, _Estimate] = {}

    def knows(self, kind: Hashable) -> bool:
        """Whether such a request was answered before."""
        return kind in self._estimates

    def wait(self, kind: Hashable, size: int) -> float:
        """Seconds after which an answer counts as lost.

        Args:
            size: bytes of request and answer, which say how long is waited for a kind that was never answered.
        """
        known = self._estimates.get(kind)
        if known is None:
            return min(self._longest, self._shortest + size / _SLOW)
        return min(self._longest, max(self._shortest, known.mean + _DEVIATIONS * known.deviation))

    def answered(self, kind: Hashable, seconds: float) -> None:
        """An answer came, to a request that was sent once."""
        known = self._estimates.get(kind)
        if known is None:
            self._estimates[kind] = _Estimate(seconds, seconds / 2)
            return
        known.deviation += _GAIN_DEVIATION * (abs(seconds - known.mean) - known.deviation)
        known.mean += _GAIN_MEAN * (seconds - known.mean)

    def was_too_short(self, kind: Hashable) -> None:
        """A request was repeated, and both were answered."""
        known = self._estimates.get(kind)
        if known is not None:
            known.deviation = 2 * max(known.deviation, self._shortest / _DEVIATIONS)
