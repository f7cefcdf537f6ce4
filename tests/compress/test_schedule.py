"""Schedules against their definitions."""

from __future__ import annotations

import numpy as np
import pytest

from tinykit.compress.recipe import Prune
from tinykit.compress.schedule import cosine, polynomial, shuffled


def test_sparsity_rises_fast_then_slowly_and_stays() -> None:
    step = Prune(kind="prune", sparsity=0.8, initial=0.2, until=0.5)
    shares = [polynomial(step, t) for t in np.linspace(0, 1, 21).tolist()]
    assert shares[0] == pytest.approx(0.2)
    assert polynomial(step, 0.25) == pytest.approx(0.8 - 0.6 * 0.5**3)
    assert shares[10:] == pytest.approx([0.8] * 11)
    rises = np.diff(shares[:11])
    assert np.all(rises > 0)
    assert np.all(np.diff(rises) < 0)


def test_learning_rate_falls_to_zero() -> None:
    assert [cosine(2.0, t) for t in (0, 0.5, 1)] == pytest.approx([2.0, 1.0, 0.0])


def test_order_of_an_epoch_depends_on_seed_and_epoch_only() -> None:
    first = shuffled(50, 1, 2)
    assert sorted(first) == list(range(50))
    assert np.array_equal(first, shuffled(50, 1, 2))
    assert not np.array_equal(first, shuffled(50, 1, 3))
    assert not np.array_equal(first, shuffled(50, 2, 2))
