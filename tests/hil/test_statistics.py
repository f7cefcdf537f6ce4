"""Percentiles against numpy's."""

from __future__ import annotations

import numpy as np
import pytest

from tinykit.hil.statistics import hook_overhead, jitter, percentile


@pytest.mark.parametrize("size", [1, 2, 3, 7, 19, 20, 21, 99, 100, 101, 500, 1000])
def test_like_numpy(size: int) -> None:
    rng = np.random.default_rng(size)
    for values in (rng.normal(size=size), rng.integers(0, 5, size).astype(float)):
        ordered = sorted(values.tolist())
        for percent in (0, 1, 5, 25, 50, 75, 90, 95, 99, 100):
            assert percentile(ordered, percent) == np.percentile(ordered, percent, method="inverted_cdf"), percent


def test_every_whole_percent_of_every_length() -> None:
    """Where n * percent / 100 is whole, rounding must not reach the next value."""
    for n in range(1, 301):
        values = list(range(1, n + 1))
        for percent in range(1, 101):
            assert percentile(values, percent) == -(-n * percent // 100), (n, percent)


def test_small_samples() -> None:
    assert percentile([4.0], 99) == 4.0
    assert percentile([1.0, 2.0], 50) == 1.0  # the smallest that half of the values do not exceed
    assert percentile(list(range(1, 21)), 99) == 20


def test_jitter_is_the_standard_deviation() -> None:
    assert jitter([2, 4, 4, 4, 5, 5, 7, 9]) == 2
    assert jitter([7]) == 0


@pytest.mark.parametrize(
    ("profile", "whole", "overhead"),
    [([110, 60], 150, 10), ([110, 60], 200, 0), ([110, 4], 50, 4), ([], 10, 0)],
)
def test_what_timing_adds_is_shared_by_the_layers(profile: list[int], whole: int, overhead: float) -> None:
    assert hook_overhead(profile, whole) == overhead
