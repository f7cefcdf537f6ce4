"""RELU, RELU6 and LEAKY_RELU against TFLite-Micro."""

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
from support.check import check_op
from support.native import compile_bytes
from support.slow import rest_slow
from support.tflite_builder import ModelBuilder
from tinykit.errors import UnsupportedModel

every_kind = pytest.mark.parametrize("kind", rest_slow(["RELU", "RELU6", "LEAKY_RELU"]))


def random_case(kind: str, rng: np.random.Generator) -> Case:
    scale = random_scale(rng)
    ratio = float(2.0 ** rng.uniform(-10, 10)) if rng.integers(3) else 1.0
    options = {"alpha": float(rng.choice([0.0, 0.01, 0.3, 1.0, rng.uniform(-2, 3)]))} if kind == "LEAKY_RELU" else {}
    return Case(scale, random_zero_point(rng), scale * ratio, random_zero_point(rng), options)


@every_kind
def test_every_int8_value(kind: str) -> None:
    check_random(kind, lambda rng: random_case(kind, rng), range(1))


@pytest.mark.slow
@every_kind
def test_every_int8_value_at_many_scales(kind: str) -> None:
    check_random(kind, lambda rng: random_case(kind, rng), range(1, 4))


@every_kind
def test_far_apart_scales(kind: str) -> None:
    options = {"alpha": -0.7} if kind == "LEAKY_RELU" else {}
    check_every_value(kind, [Case(1.0, 3, 2.0**e, -7, options) for e in (-29, -24, -23, -16, 16, 30, 31, 33)])


def test_every_length() -> None:
    """The table kernel takes four elements at a time, and the rest one by one."""
    model = ModelBuilder()
    for length in range(1, 12):
        x = model.input((length,), scale=0.1, zero_point=3)
        model.op("RELU", [x], [model.output((length,), scale=0.07, zero_point=-20)])
    check_op(model, 20, np.random.default_rng(3))


@pytest.mark.parametrize(("kind", "options"), [("RELU", {}), ("RELU6", {}), ("LEAKY_RELU", {"alpha": -0.3})])
def test_float(kind: str, options: dict[str, float]) -> None:
    check_float(kind, np.random.default_rng(2), **options)


def test_a_relu_that_changes_nothing_costs_nothing() -> None:
    """After an op with a fused activation the zero point is -128: RELU is the identity then."""
    model = ModelBuilder()
    x = model.input((8,), scale=0.1, zero_point=0)
    t = model.tensor((8,), scale=1 / 256, zero_point=-128)
    y = model.output((8,), scale=1 / 256, zero_point=-128)
    model.op("LOGISTIC", [x], [t])
    model.op("RELU", [t], [y])
    compiled = compile_bytes(model.build())
    assert [step.op.kind for step in compiled.steps] == ["LOGISTIC"]


@pytest.mark.parametrize("kind", ["RELU", "LEAKY_RELU"])
def test_refuses_scales_without_a_defined_result(kind: str) -> None:
    options = {"alpha": 0.1} if kind == "LEAKY_RELU" else {}
    with pytest.raises(UnsupportedModel, match=r"scales differ by a factor of 1e\+10"):
        compile_bytes(unary_model(kind, [Case(1.0, 0, 1e-10, 0, options)]).build())


def test_refuses_other_types() -> None:
    model = ModelBuilder()
    model.op("RELU", [model.input((4,), "int32", scale=1.0)], [model.output((4,), "int32", scale=1.0)])
    with pytest.raises(UnsupportedModel, match="input is int32 and output int32; supported: int8 or int16 or float32"):
        compile_bytes(model.build())


def test_refuses_int8_without_a_scale() -> None:
    model = ModelBuilder()
    model.op("RELU", [model.input((4,), "int8")], [model.output((4,), "int8", scale=1.0)])
    with pytest.raises(UnsupportedModel, match="int8 without a scale"):
        compile_bytes(model.build())
