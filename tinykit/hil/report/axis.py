"""Axes of the HTML reports' plots."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_TICKS = 5


@dataclass(frozen=True)
class Tick:
    at: float
    text: str


class Axis:
    """From values to positions, with ticks at round numbers.

    Args:
        values: all of them, at least one; the axis reaches a little beyond.
        start, end: positions of its ends, in the SVG's own units.
    """

    def __init__(self, values: Sequence[float], start: float, end: float) -> None:
        low, high = min(values), max(values)
        margin = 0.06 * (high - low) or abs(high) * 0.06 or 1.0
        self._low, self._high = low - margin, high + margin
        self._start, self._end = start, end

    def at(self, value: float) -> float:
        return self._start + (value - self._low) / (self._high - self._low) * (self._end - self._start)

    def ticks(self, text: Callable[[float], str]) -> list[Tick]:
        rough = (self._high - self._low) / _TICKS
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(power * m for m in (1, 2, 5, 10) if power * m >= rough)
        first, last = math.ceil(self._low / step), math.floor(self._high / step)
        return [Tick(self.at(i * step), text(i * step)) for i in range(first, last + 1)]
