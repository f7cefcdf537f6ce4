"""ABS, ELU, RSQRT and float functions of one variable against TFLite-Micro: every int8 value, and odd floats."""

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
from support.check import assert_same
from support.native import compile_bytes, run_compiled
from support.slow import rest_slow
from support.tflite_builder import ModelBuilder
from tinykit.errors import UnsupportedModel

FLOATS = ["ELU", "ABS", "CEIL", "COS", "EXP", "FLOOR", "LOG", "NEG", "ROUND", "RSQRT", "SIN", "SQRT", "SQUARE"]


def random_case(rng: np.random.Generator) -> Case:
    scale = random_scale(rng)
    return Case(scale, random_zero_point(rng), scale * float(2.0 ** rng.uniform(-8, 8)), random_zero_point(rng))


@pytest.mark.parametrize("kind", ["ABS", "ELU"])
def test_every_int8_value(kind: str) -> None:
    check_random(kind, random_case, range(1))


def test_abs_of_far_apart_scales() -> None:
    check_every_value("ABS", [Case(1.0, 3, 2.0**e, -7) for e in (-29, -24, -23, -16, 0, 16, 30, 31, 33)])


def test_rsqrt_of_every_int8_value() -> None:
    check_every_value(
        "RSQRT", [Case(s, -128, t, z) for s in (0.01, 1.0, 50.0) for t in (0.003, 0.1) for z in (-128, 5)]
    )


def test_rsqrt_of_less_than_zero_is_the_largest() -> None:
    """There TFLite-Micro stops."""
    model = unary_model("RSQRT", [Case(1.0, 0, 0.01, 0)], (4,))
    (got,) = run_compiled(model.build(), [np.array([[-128, -1, 0, 4]], np.int8)])
    assert_same(np.array([[127, 127, 127, 50]], np.int8), got, "RSQRT")


@pytest.mark.parametrize("kind", rest_slow(FLOATS))
def test_float(kind: str) -> None:
    check_float(kind, np.random.default_rng(2))


@pytest.mark.parametrize(
    ("kind", "case", "why"),
    [
        ("ABS", Case(1.0, 0, 1e-10, 0), "scales differ"),
        ("ELU", Case(1e6, 0, 1e-6, 0), "steps of its output's scale"),
        ("RSQRT", Case(1e-12, 0, 1e-4, 0), "scales differ"),
        ("RSQRT", Case(1e6, 0, 1e3, 0), "scales differ"),
    ],
)
def test_refusals(kind: str, case: Case, why: str) -> None:
    with pytest.raises(UnsupportedModel, match=why):
        compile_bytes(unary_model(kind, [case]).build())


def test_prelu_refuses_another_type_of_alpha() -> None:
    """TFLite-Micro reads the bytes of int16 as int8."""
    model = ModelBuilder()
    x, alpha = (model.input((4,), dtype, scale=0.1, zero_point=0) for dtype in ("int8", "int16"))
    model.op("PRELU", [x, alpha], [model.output((4,), scale=0.1, zero_point=0)])
    with pytest.raises(UnsupportedModel, match="alpha is of the type int16"):
        compile_bytes(model.build())


def test_fill_and_cast() -> None:
    model = ModelBuilder()
    dimensions, value = model.const(np.array([2, 3], np.int32)), model.const(np.array(7, np.int32))
    x = model.input((2, 3), "int32")
    model.op("FILL", [dimensions, value], [filled := model.tensor((2, 3), "int32")])
    model.op("CAST", [x], [model.output((2, 3), "int8")])
    model.op("CAST", [filled], [model.output((2, 3), "float32")])
    (first, second) = run_compiled(model.build(), [np.full((1, 2, 3), 300, np.int32)])
    assert_same(np.full((1, 2, 3), 44, np.int8), first, "CAST to int8")
    assert_same(np.full((1, 2, 3), 7, np.float32), second, "FILL and CAST")
