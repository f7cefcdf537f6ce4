"""Figures from measurements: percentiles of latency, the area under a ROC curve."""

from __future__ import annotations

import math
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
