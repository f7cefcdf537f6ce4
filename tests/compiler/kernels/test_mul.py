"""MUL against TFLite-Micro."""

from __future__ import annotations

import numpy as np
import pytest

from compiler.kernels.binary_models import add_op, check_float, check_shapes, random_binary_model
from support.check import check_op
from support.native import compile_bytes
from support.tflite_builder import ModelBuilder
from tinykit.errors import UnsupportedModel


@pytest.mark.slow
def test_int8() -> None:
    rng = np.random.default_rng(0)
    check_op(random_binary_model("MUL", 50, rng), 100, rng)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_int8_at_many_scales(seed: int) -> None:
    rng = np.random.default_rng(seed)
    check_op(random_binary_model("MUL", 50, rng), 100, rng)


@pytest.mark.parametrize(
    "scales",
    [
        (0.02, 0.03, 0.07),
        (1 / 256, 0.1, 0.1),  # ties in every 256th product
        (1.0, 0.5, 0.5),  # a multiplier of exactly 1: nothing is shifted out
        (1.0, 1.0, 2.0**-13),  # the largest multiplier
        (1e-5, 1e-5, 1.0),  # everything is 0
    ],
)
def test_all_pairs_of_operands(scales: tuple[float, float, float]) -> None:
    every = np.arange(-128, 128, dtype=np.int8)
    x, y = np.meshgrid(every, every, indexing="ij")
    model = ModelBuilder()
    add_op(model, "MUL", (65536,), (65536,), scales, (-128, 127, -5), "NONE")
    check_op(model, 1, np.random.default_rng(0), inputs=[x.reshape(1, -1), y.reshape(1, -1)])


@pytest.mark.slow
def test_broadcasting() -> None:
    check_shapes("MUL")


@pytest.mark.slow
def test_float() -> None:
    check_float("MUL")


def test_constant_operands() -> None:
    rng = np.random.default_rng(8)
    model = ModelBuilder()
    x = model.input((4, 3), scale=0.1, zero_point=5)
    vector = model.const(np.array([-128, 0, 127], np.int8), scale=0.07, zero_point=-3)
    scalar = model.const(np.array([100], np.int8), scale=0.05, zero_point=4)
    for first, second in [(x, vector), (vector, x), (x, scalar), (scalar, x), (x, x)]:
        y = model.output((4, 3), scale=0.5, zero_point=-9)
        model.op("MUL", [first, second], [y], fused_activation_function="RELU")
    check_op(model, 100, rng)
    used = [call.kernel for step in compile_bytes(model.build()).steps for call in step.calls]
    assert used == ["tk_mul_s8"] * 2 + ["tk_lut_s8"] * 3


def test_refuses_an_output_scale_that_is_far_too_small() -> None:
    model = ModelBuilder()
    add_op(model, "MUL", (4,), (4,), (0.1, 0.1, 1e-7), (0, 0, 0), "NONE")
    with pytest.raises(UnsupportedModel, match="too small"):
        compile_bytes(model.build())
