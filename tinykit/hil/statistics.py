"""Figures from measurements: percentiles of latency, the area under a ROC curve."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

import numpy as np


def percentile(sorted_values: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile: the smallest value that at least ``percent`` % of the values do not exceed."""
    rank = max(1, math.ceil(len(sorted_values) * percent / 100))
    return sorted_values[rank - 1]


def auc(scores: np.ndarray, positive: np.ndarray) -> float | None:
    """Area under the ROC curve: how often a positive scores above a negative, counting half where they are equal.

    From ranks (Mann and Whitney 1947). None when a score is not a number.
    """
    if np.isnan(scores).any():
        return None
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    positives = int(np.count_nonzero(positive))
    above = float(ranks[positive].sum()) - positives * (positives + 1) / 2
    return above / (positives * (len(scores) - positives))


def jitter(values: Sequence[float]) -> float:
    """Standard deviation of all the values, in their unit."""
    return statistics.pstdev(values)


def hook_overhead(profile: Sequence[int], whole: int) -> float:
    """Ticks that timing adds to each layer: what the layers of a profiled inference take more than one that is not.

    Args:
        profile: ticks of each layer.
        whole: ticks of an inference of the same input without a profile.

    Returns:
        0 at least, and no more than the shortest layer has, which it is part of.
    """
    if not profile:
        return 0.0
    return min(max(0.0, (sum(profile) - whole) / len(profile)), float(min(profile)))
