"""int16 functions of one variable at all of their 65536 values, against TFLite-Micro."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from support.check import check_op
from support.native import compile_bytes
from support.tflite_builder import ModelBuilder
from tinykit.errors import UnsupportedModel

EVERY = np.arange(-32768, 32768, dtype=np.int16)


def model_of(kind: str, scales: list[tuple[float, float]], n: int = 65536, **options: Any) -> ModelBuilder:
    """One operator for each pair of scales; all zero points are 0."""
    model = ModelBuilder()
    for one, two in scales:
        x = model.input((n,), "int16", scale=one, zero_point=0)
        model.op(kind, [x], [model.output((n,), "int16", scale=two, zero_point=0)], **options)
    return model


def check(kind: str, scales: list[tuple[float, float]], values: np.ndarray = EVERY, **options: Any) -> None:
    model = model_of(kind, scales, len(values), **options)
    check_op(model, 1, np.random.default_rng(0), inputs=[values[None]] * len(scales))


@pytest.mark.parametrize("kind", ["LOGISTIC", "TANH"])
def test_sigmoids(kind: str) -> None:
    scales = [2.0**-44, 1e-9, 1e-4, 2.0**-15, 2.0**-12, 1.0005 * 2.0**-12, 2.0**-11, 3e-4, 0.01, 1.0, 2.6, 5.3]
    check(kind, [(scale, 2.0**-15) for scale in scales])


@pytest.mark.parametrize("alpha", [-0.5, -0.3, 0.125, 2.0])
def test_leaky_relu(alpha: float) -> None:
    check("LEAKY_RELU", [(0.5, two) for two in (0.5, 1.0, 0.3, 4.0, 1e-8, 0.7, 0.61)], alpha=alpha)


@pytest.mark.parametrize("kind", ["ABS", "RELU"])
def test_rescaled(kind: str) -> None:
    check(kind, [(1.0, 2.0**e) for e in (-29, -17, -16, -3, 0, 1, 5, 31, 33)] + [(0.1, 0.3), (0.3, 0.1)])


def test_rsqrt() -> None:
    check("RSQRT", [(0.5, 0.01), (1e-4, 0.003), (3.0, 0.0001), (100.0, 1.0)], EVERY[32768:])


@pytest.mark.parametrize(
    ("kind", "scales", "why"),
    [
        ("LOGISTIC", (6.0, 2.0**-15), "input has scale 6"),
        ("TANH", (1e-14, 2.0**-15), "input has scale"),
        ("TANH", (1.0, 2.0**-14), "output has scale"),
        ("ABS", (1.0, 1e-10), "scales differ"),
        ("RSQRT", (1e8, 1e3), "scales differ"),
    ],
)
def test_refusals(kind: str, scales: tuple[float, float], why: str) -> None:
    with pytest.raises(UnsupportedModel, match=why):
        compile_bytes(model_of(kind, [scales], 4).build())
