"""Weak calibration sets are warned of; good ones are not."""

from __future__ import annotations

import numpy as np
import pytest

from tinykit.convert.calibration import outside, require_varied, weaknesses
from tinykit.convert.samples import Samples
from tinykit.errors import InputError


def samples(values: np.ndarray, labels: np.ndarray | None = None) -> Samples:
    return Samples((values.astype(np.float32)[:, np.newaxis],), labels, "s")


RNG = np.random.default_rng(3)
GOOD = RNG.normal(size=(200, 64))


def test_a_good_set() -> None:
    assert weaknesses(samples(GOOD)) == []
    assert outside(samples(GOOD), samples(RNG.normal(size=(200, 64)))) is None


def test_weak_sets() -> None:
    clipped = np.clip(GOOD * 3, -1, 1)
    for values, words in [
        (GOOD[:20], "20 samples are few"),
        (np.zeros((200, 64)), "every value of the samples is 0"),
        (np.repeat(GOOD[:1], 200, 0), "all the same sample"),
        (np.repeat(GOOD[:50], 4, 0), "only 50 of 200 samples differ"),
        (clipped, "cut off"),
        (RNG.normal(size=(2500, 4)), "more than needed"),
    ]:
        assert any(words in found for found in weaknesses(samples(values))), (words, weaknesses(samples(values)))
    assert "label 3" in weaknesses(samples(GOOD, np.full(200, 3)))[0]


def test_samples_without_content_are_refused() -> None:
    with pytest.raises(InputError, match=r"every value of the calibration samples is 0\.5"):
        require_varied(samples(np.full((200, 64), 0.5)), "s")
    require_varied(samples(np.repeat(GOOD[:1], 200, 0)), "s")  # weak, but ranges can be made of it


def test_data_beyond_what_calibration_saw() -> None:
    assert "saturate" in str(outside(samples(GOOD), samples(GOOD * 3)))
