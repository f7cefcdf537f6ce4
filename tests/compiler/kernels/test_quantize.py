"""QUANTIZE and DEQUANTIZE against TFLite-Micro."""

from __future__ import annotations

import numpy as np
import pytest

from compiler.kernels.unary_models import EVERY, Case, check_every_value, check_random, random_scale, random_zero_point
from support.check import check_op
from support.native import compile_bytes, run_compiled
from support.tflite_builder import ModelBuilder
from tinykit.errors import UnsupportedModel


def random_case(rng: np.random.Generator) -> Case:
    scale = random_scale(rng)
    return Case(scale, random_zero_point(rng), scale * float(2.0 ** rng.uniform(-8, 8)), random_zero_point(rng))


def model_of(kind: str, source: str, target: str, scale: float = 0.1, zero_point: int = 3, n: int = 64) -> ModelBuilder:
    def quant(dtype: str) -> dict[str, float]:
        return {} if dtype == "float32" else {"scale": scale, "zero_point": zero_point}

    model = ModelBuilder()
    x = model.input((n,), source, **quant(source))
    model.op(kind, [x], [model.output((n,), target, **quant(target))])
    return model


@pytest.mark.slow
def test_requantize_every_value() -> None:
    check_random("QUANTIZE", random_case, range(1))


@pytest.mark.slow
def test_requantize_every_value_at_many_scales() -> None:
    check_random("QUANTIZE", random_case, range(1, 4))


def test_requantize_far_apart_scales() -> None:
    check_every_value("QUANTIZE", [Case(1.0, 3, 2.0**e, -7) for e in (-29, -24, -23, -16, 0, 16, 30, 31, 33)])


def test_requantize_to_the_same_scale_costs_nothing() -> None:
    model = ModelBuilder()
    x = model.input((8,), scale=0.1, zero_point=3)
    t = model.tensor((8,), scale=0.1, zero_point=3)
    y = model.output((8,), scale=1 / 256, zero_point=-128)
    model.op("QUANTIZE", [x], [t])
    model.op("LOGISTIC", [t], [y])
    assert [step.op.kind for step in compile_bytes(model.build()).steps] == ["LOGISTIC"]


def test_float_to_int8() -> None:
    rng = np.random.default_rng(4)
    model = ModelBuilder()
    inputs = []
    for _ in range(50):
        scale, zero_point = random_scale(rng), random_zero_point(rng)
        x = model.input((64,), "float32")
        model.op("QUANTIZE", [x], [model.output((64,), scale=scale, zero_point=zero_point)])
        # around every step and exactly at ties, within what int8 holds and beyond
        steps = rng.integers(-400, 400, (20, 64)) / 2 + rng.choice([0, 1e-6, -1e-6, 0.1], (20, 64))
        inputs.append((steps * np.float32(scale)).astype(np.float32))
    check_op(model, 20, rng, inputs=inputs)


def test_float_to_int8_saturates() -> None:
    """TFLite converts out-of-range floats to int32, which C++ leaves undefined; saturating is what Arm's cores do."""
    values = np.array([[1e20, -1e20, np.inf, -np.inf, np.nan, 3e9, -3e9, 0.0]], np.float32)
    (got,) = run_compiled(model_of("QUANTIZE", "float32", "int8", n=8).build(), [values])
    assert got.tolist() == [[127, -128, 127, -128, -128, 127, -128, 3]]


@pytest.mark.slow
def test_int8_to_float() -> None:
    rng = np.random.default_rng(5)
    model = ModelBuilder()
    for _ in range(50):
        x = model.input((256,), scale=random_scale(rng), zero_point=random_zero_point(rng))
        model.op("DEQUANTIZE", [x], [model.output((256,), "float32")])
    got = check_op(model, 1, rng, inputs=[EVERY[None]] * 50, rtol=0, atol=0)
    assert len(got) == 50


@pytest.mark.parametrize(
    ("kind", "source", "target", "why"),
    [
        (
            "QUANTIZE",
            "uint8",
            "int16",
            "input is uint8 and output int16; supported: int8 or int16 for both, float32 to",
        ),
        ("QUANTIZE", "float32", "uint8", "input is float32 and output uint8"),
        ("DEQUANTIZE", "int32", "float32", "input is int32 and output float32; supported: int8 to float32, int16 to"),
    ],
)
def test_refuses_other_types(kind: str, source: str, target: str, why: str) -> None:
    with pytest.raises(UnsupportedModel, match=why):
        compile_bytes(model_of(kind, source, target).build())


@pytest.mark.parametrize("kind", ["QUANTIZE", "DEQUANTIZE"])
def test_refuses_channels(kind: str) -> None:
    """TFLite-Micro takes the first channel's scale for all of them."""
    model = ModelBuilder()
    x = model.input((2, 3), scale=[0.1, 0.2, 0.3], zero_point=0, axis=1)
    target = "float32" if kind == "DEQUANTIZE" else "int8"
    quantization = {} if kind == "DEQUANTIZE" else {"scale": 0.1, "zero_point": 0}
    model.op(kind, [x], [model.output((2, 3), target, **quantization)])
    with pytest.raises(UnsupportedModel, match="quantized per channel"):
        compile_bytes(model.build())


def test_refuses_scales_without_a_defined_result() -> None:
    model = ModelBuilder()
    x = model.input((4,), scale=1.0, zero_point=0)
    model.op("QUANTIZE", [x], [model.output((4,), scale=1e-10, zero_point=0)])
    with pytest.raises(UnsupportedModel, match="scales differ"):
        compile_bytes(model.build())
