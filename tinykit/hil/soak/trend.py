"""Whether a figure drifts: a slope that a few outliers do not move, and how sure it is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

_MOST_POINTS = 1000
"""More are thinned out: all pairs of them are compared."""
_LEAST_POINTS = 8
"""The normal approximation of the test holds from about here on (Kendall, Rank Correlation Methods, 1975)."""


@dataclass(frozen=True)
class Trend:
    """A figure over time.

    Attributes:
        slope: Theil-Sen estimator, in the figure's unit per hour: the median of the slopes of all pairs of points
            (Sen, J. American Statistical Association 63, 1968). Up to 29 % of the points may be arbitrarily wrong.
        change: what that is from the first to the last point, as a share of the figure's median.
        p: two-sided probability of so clear a trend by chance: Mann-Kendall test, normal approximation.
        points: how many there were.
    """

    slope: float
    change: float
    p: float
    points: int

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def trend(seconds: Sequence[float], values: Sequence[float]) -> Trend | None:
    """The trend of ``values`` at times ``seconds``, which rise; None of fewer than 8 points."""
    x, y = np.asarray(seconds, np.float64), np.asarray(values, np.float64)
    if len(x) < _LEAST_POINTS:
        return None
    if len(x) > _MOST_POINTS:
        chosen = np.linspace(0, len(x) - 1, _MOST_POINTS).astype(int)
        x, y = x[chosen], y[chosen]
    first, second = np.triu_indices(len(x), 1)
    rise, run = y[second] - y[first], x[second] - x[first]
    slope = float(np.median(rise[run > 0] / run[run > 0])) if np.any(run > 0) else 0.0
    middle = float(np.median(y))
    change = slope * float(x[-1] - x[0]) / middle if middle else 0.0
    return Trend(3600 * slope, change, _chance(y, float(np.sign(rise).sum())), len(seconds))


def _chance(y: np.ndarray, score: float) -> float:
    """Mann-Kendall's p of ``score``, the sum of the signs of all differences, with the correction for ties."""
    n = len(y)
    _, ties = np.unique(y, return_counts=True)
    variance = (n * (n - 1) * (2 * n + 5) - float(np.sum(ties * (ties - 1) * (2 * ties + 5)))) / 18
    if variance <= 0 or score == 0:
        return 1.0
    return math.erfc((abs(score) - 1) / math.sqrt(2 * variance))
