"""Equalizing channels changes ranges, not results."""

from __future__ import annotations

import numpy as np
import pytest

from support.tflite_builder import ModelBuilder
from tinykit.convert.equalize import equalize
from tinykit.convert.interpreter import run_all
from tinykit.convert.normalize import normalize
from tinykit.convert.statistics import collect

RNG = np.random.default_rng(5)
X = RNG.normal(size=(20, 1, 6, 6, 2)).astype(np.float32)


def network(*, activation: str = "RELU", second: str = "CONV_2D", two_readers: bool = False) -> bytes:
    """A convolution with one channel 100 times the others, then pooling, another layer, and a dense one."""
    m = ModelBuilder()
    x = m.input((1, 6, 6, 2), "float32")
    weights = RNG.normal(size=(4, 3, 3, 2)).astype(np.float32)
    weights[1] *= 100
    a, b = m.tensor((1, 6, 6, 4), "float32", name="big"), m.tensor((1, 3, 3, 4), "float32")
    zeros = m.const(np.zeros(4, np.float32))
    window = {"stride_w": 1, "stride_h": 1, "padding": "SAME"}
    bias = m.const(RNG.normal(size=4).astype(np.float32))
    m.op("CONV_2D", [x, m.const(weights), bias], [a], fused_activation_function=activation, **window)
    pool = {"stride_w": 2, "stride_h": 2, "filter_width": 2, "filter_height": 2, "padding": "VALID"}
    m.op("MAX_POOL_2D", [a], [b], **pool)
    if second == "CONV_2D":
        c = m.tensor((1, 3, 3, 4), "float32")
        w = RNG.normal(size=(4, 1, 1, 4)).astype(np.float32)
        w[..., 1] /= 100
        m.op("CONV_2D", [b, m.const(w), zeros], [c], fused_activation_function="RELU", **window)
    elif second == "DEPTHWISE_CONV_2D":
        c = m.tensor((1, 3, 3, 4), "float32")
        w = RNG.normal(size=(1, 3, 3, 4)).astype(np.float32)
        m.op("DEPTHWISE_CONV_2D", [b, m.const(w), zeros], [c], depth_multiplier=1, **window)
    else:
        c = b
    flat = m.tensor((1, 36), "float32")
    m.op("RESHAPE", [c, m.const(np.array([1, 36], np.int32))], [flat])
    m.op(
        "FULLY_CONNECTED",
        [flat, m.const(RNG.normal(size=(3, 36)).astype(np.float32)), None],
        [m.output((1, 3), "float32")],
    )
    if two_readers:
        m.op("RELU", [a], [m.output((1, 6, 6, 4), "float32")])
    return normalize(m.build(), "m")


@pytest.mark.parametrize("second", ["CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"])
@pytest.mark.parametrize("activation", ["NONE", "RELU"])
def test_the_same_results_from_like_ranges(second: str, activation: str) -> None:
    model = network(second=second, activation=activation)
    before = collect(model, [X], "m")
    result, changed = equalize(model, before, "m")
    assert "big" in changed
    after = collect(result, [X], "m")
    assert before["big"].spread > 30
    assert after["big"].spread < before["big"].spread / 3
    want, have = run_all(model, [X], "m")[0], run_all(result, [X], "m")[0]
    assert np.allclose(want, have, rtol=1e-4, atol=1e-4 * float(np.abs(want).max()))


def test_what_does_not_commute_is_left_alone() -> None:
    for model in (network(activation="RELU6"), network(two_readers=True)):
        _, changed = equalize(model, collect(model, [X], "m"), "m")
        assert "big" not in changed
