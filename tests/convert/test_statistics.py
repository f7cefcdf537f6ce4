"""Ranges of activations: what is not finite is refused, naming layer and sample."""

from __future__ import annotations

import numpy as np
import pytest

from support.tflite_builder import ModelBuilder
from tinykit.convert.normalize import normalize
from tinykit.convert.statistics import collect
from tinykit.errors import ModelError


def test_activations_that_are_not_finite() -> None:
    m = ModelBuilder()
    x = m.input((1, 4), "float32")
    m.op("EXP", [x], [m.output((1, 4), "float32", name="burst")])
    data = normalize(m.build(), "m")
    samples = np.zeros((3, 1, 4), np.float32)
    assert collect(data, [samples], "m")["burst"].high == 1
    samples[1, 0, 2] = 1e4
    with pytest.raises(ModelError, match="layer 'burst' computes NaN or infinity") as caught:
        collect(data, [samples], "m")
    assert "sample 2" in str(caught.value.why)
