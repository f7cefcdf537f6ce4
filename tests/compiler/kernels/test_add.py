"""ADD and SUB against TFLite-Micro."""

from __future__ import annotations

import numpy as np
import pytest

from compiler.kernels.binary_models import add_op, check_float, check_shapes, float_model, random_binary_model
from support.check import check_op
from support.native import compile_bytes
from support.slow import rest_slow
from support.tflite_builder import ModelBuilder
from tinykit.errors import UnsupportedModel

both = pytest.mark.parametrize("kind", rest_slow(["ADD", "SUB"]))


def kernels(model: ModelBuilder) -> list[str]:
    return [call.kernel for step in compile_bytes(model.build()).steps for call in step.calls]


@pytest.mark.slow
@both
def test_int8(kind: str) -> None:
    rng = np.random.default_rng(0)
    check_op(random_binary_model(kind, 50, rng), 100, rng)


@pytest.mark.slow
@both
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_int8_at_many_scales(kind: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    check_op(random_binary_model(kind, 50, rng), 100, rng)


def all_pairs() -> list[np.ndarray]:
    every = np.arange(-128, 128, dtype=np.int8)
    x, y = np.meshgrid(every, every, indexing="ij")
    return [x.reshape(1, -1), y.reshape(1, -1)]


# typical; powers of two, where every second sum is a tie; far apart; the smallest output scale
SCALES = [
    (0.0235, 0.0311, 0.0402),
    (0.25, 0.25, 0.5),
    (0.25, 0.125, 0.25),
    (0.5, 0.25, 1.0),
    (3.0, 1e-6, 2.5),
    (1.0, 1.0, 2.0**-13),
]


@both
@pytest.mark.parametrize("scales", rest_slow(SCALES, 2))
@pytest.mark.parametrize("activation", ["NONE", "RELU"])
def test_all_pairs_of_operands(kind: str, scales: tuple[float, float, float], activation: str) -> None:
    model = ModelBuilder()
    add_op(model, kind, (65536,), (65536,), scales, (-128, 12, -5), activation)
    check_op(model, 1, np.random.default_rng(0), inputs=all_pairs())


def test_the_linear_formula_is_the_usual_one() -> None:
    used = kernels(random_binary_model("ADD", 50, np.random.default_rng(0), shapes=[((3, 4), (3, 4))]))
    assert used.count("tk_add_s8") >= 40
    assert set(used) <= {"tk_add_s8", "tk_add_rescale_s8"}


@both
@pytest.mark.parametrize("activation", ["NONE", "RELU"])
def test_scales_without_a_linear_formula(kind: str, activation: str) -> None:
    """Short decimal fractions make exact ties in many pairs, which TFLite's roundings break this way and that."""
    model = ModelBuilder()
    add_op(model, kind, (65536,), (65536,), (0.0867, 0.0282, 0.0438), (-77, 111, -46), activation)
    assert kernels(model) == ["tk_add_rescale_s8"]
    check_op(model, 1, np.random.default_rng(0), inputs=all_pairs())


@both
def test_broadcasting(kind: str) -> None:
    check_shapes(kind)


@pytest.mark.slow
@both
def test_float(kind: str) -> None:
    check_float(kind)


@both
def test_constant_operands(kind: str) -> None:
    """A constant vector stays an operand; a constant scalar, and an op on twice the same value, become tables."""
    rng = np.random.default_rng(8)
    model = ModelBuilder()
    x = model.input((4, 3), scale=0.1, zero_point=5)
    vector = model.const(np.array([-128, 0, 127], np.int8), scale=0.07, zero_point=-3)
    scalar = model.const(np.array(100, np.int8), scale=0.05, zero_point=4)
    for first, second in [(x, vector), (vector, x), (x, scalar), (scalar, x), (x, x)]:
        y = model.output((4, 3), scale=0.12, zero_point=-9)
        model.op(kind, [first, second], [y], fused_activation_function="NONE")
    check_op(model, 100, rng)
    assert kernels(model)[2:] == ["tk_lut_s8"] * 3


def test_works_in_place() -> None:
    """A sum needs no third buffer, whichever operand is not needed any more."""
    rng = np.random.default_rng(9)
    model = ModelBuilder()
    x = model.input((64,), scale=0.1, zero_point=5)
    y = model.input((64,), scale=0.1, zero_point=5)
    t = model.tensor((64,), scale=1 / 256, zero_point=-128)
    z = model.output((64,), scale=0.1, zero_point=0)
    model.op("LOGISTIC", [x], [t])
    model.op("ADD", [y, t], [z], fused_activation_function="NONE")
    check_op(model, 20, rng)
    assert compile_bytes(model.build()).plan.arena_bytes == 128


def test_refuses_scales_too_far_apart() -> None:
    model = ModelBuilder()
    add_op(model, "ADD", (4,), (4,), (0.1, 0.1, 1e-7), (0, 0, 0), "NONE")
    with pytest.raises(UnsupportedModel, match="too far apart"):
        compile_bytes(model.build())


@pytest.mark.parametrize("dtype", ["int8", "float32"])
def test_refuses_fused_tanh(dtype: str) -> None:
    """TFLite-Micro leaves the activation out without a word."""
    model = ModelBuilder()
    if dtype == "int8":
        add_op(model, "ADD", (4,), (4,), (0.1, 0.1, 0.1), (0, 0, 0), "TANH")
    else:
        float_model(model, "ADD", (4,), (4,), "TANH")
    with pytest.raises(UnsupportedModel, match="fused TANH is not supported"):
        compile_bytes(model.build())


@pytest.mark.parametrize(
    ("first", "second", "output", "why"),
    [
        ((4,), (3,), (4,), "do not broadcast"),
        ((4,), (1,), (1,), "do not broadcast"),
        ((2, 1, 2, 1, 2, 1), (1, 2, 1, 2, 1, 2), (2,) * 6, "6 nested loops"),
    ],
)
def test_refuses_shapes(first: tuple[int, ...], second: tuple[int, ...], output: tuple[int, ...], why: str) -> None:
    model = ModelBuilder()
    x, y = model.input(first, "float32"), model.input(second, "float32")
    model.op("ADD", [x, y], [model.output(output, "float32")], fused_activation_function="NONE")
    with pytest.raises(UnsupportedModel, match=why):
        compile_bytes(model.build())


def test_refuses_mixed_types() -> None:
    model = ModelBuilder()
    x, y = model.input((4,), "float32"), model.input((4,), "int8", scale=1.0)
    model.op("ADD", [x, y], [model.output((4,), "float32")], fused_activation_function="NONE")
    with pytest.raises(UnsupportedModel, match="inputs are float32 and int8"):
        compile_bytes(model.build())


def test_refuses_other_types() -> None:
    model = ModelBuilder()
    x, y = model.input((4,), "int64"), model.input((4,), "int64")
    model.op("ADD", [x, y], [model.output((4,), "int64")], fused_activation_function="NONE")
    supported = "int8 or float32 or int16 or int32 for both"
    with pytest.raises(UnsupportedModel, match=f"input is int64 and output int64; supported: {supported}"):
        compile_bytes(model.build())
