"""LOGISTIC and TANH against TFLite-Micro."""

from __future__ import annotations

import numpy as np
import pytest

from compiler.kernels.unary_models import (
    Case,
    check_every_value,
    check_float,
    check_random,
    random_scale,
    random_zero_point,
    unary_model,
)
from support.native import compile_bytes
from support.slow import rest_slow
from tinykit.errors import UnsupportedModel

OUTPUTS = {"LOGISTIC": (1 / 256, -128), "TANH": (1 / 128, 0)}
both = pytest.mark.parametrize("kind", rest_slow(["LOGISTIC", "TANH"]))


def case_of(kind: str, scale: float, zero_point: int) -> Case:
    return Case(scale, zero_point, *OUTPUTS[kind])


def random_case(kind: str, rng: np.random.Generator) -> Case:
    return case_of(kind, random_scale(rng), random_zero_point(rng))


@both
def test_every_int8_value(kind: str) -> None:
    check_random(kind, lambda rng: random_case(kind, rng), range(1))


@pytest.mark.slow
@both
def test_every_int8_value_at_many_scales(kind: str) -> None:
    check_random(kind, lambda rng: random_case(kind, rng), range(1, 4))


@both
def test_extreme_scales(kind: str) -> None:
    scales = [2.0**-28, 1e-8, 2.0**-20, 0.05883, 1.0, 7.99, 8.0, 15.0, 16.0, 100.0, 1e10, 3e10]
    check_every_value(kind, [case_of(kind, s, z) for s in scales for z in (-128, 0, 127)])


@both
def test_output_quantization_is_not_read(kind: str) -> None:
    """TFLite-Micro ignores the output's scale (and TANH's zero point); so do we."""
    zero_point = OUTPUTS[kind][1] + (5 if kind == "TANH" else 0)
    check_every_value(kind, [Case(0.1, 3, 0.7, zero_point)])


@both
def test_float(kind: str) -> None:
    check_float(kind, np.random.default_rng(1))


@pytest.mark.parametrize(
    ("kind", "case", "why"),
    [
        ("LOGISTIC", Case(0.1, 0, 1 / 256, 0), "output has zero point 0"),
        ("LOGISTIC", Case(1e-10, 0, 1 / 256, -128), "input has scale 1.0"),
        ("TANH", Case(1e-10, 0, 1 / 128, 0), "input has scale 1.0"),
        ("TANH", Case(1e11, 0, 1 / 128, 0), "input has scale"),
        ("TANH", Case(0.1, 128, 1 / 128, 0), "zero point 128"),
    ],
)
def test_refusals(kind: str, case: Case, why: str) -> None:
    with pytest.raises(UnsupportedModel, match=why):
        compile_bytes(unary_model(kind, [case]).build())
