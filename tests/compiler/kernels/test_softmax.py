"""SOFTMAX against TFLite-Micro."""

from __future__ import annotations

import numpy as np
import pytest

from support.check import check_op, random_inputs
from support.native import compile_bytes, run_compiled
from support.tflite_builder import ModelBuilder
from tinykit.errors import UnsupportedModel


def softmax_model(
    shape: tuple[int, ...],
    scale: float = 0.1,
    beta: float = 1.0,
    out_scale: float = 1 / 256,
    out_zero_point: int = -128,
) -> ModelBuilder:
    model = ModelBuilder()
    add_softmax(model, shape, scale, beta, out_scale, out_zero_point)
    return model


def add_softmax(
    model: ModelBuilder,
    shape: tuple[int, ...],
    scale: float,
    beta: float,
    out_scale: float = 1 / 256,
    out_zero_point: int = -128,
) -> None:
    x = model.input(shape, scale=scale, zero_point=7)
    y = model.output(shape, scale=out_scale, zero_point=out_zero_point)
    model.op("SOFTMAX", [x], [y], beta=beta)


def random_shape(rng: np.random.Generator) -> tuple[int, ...]:
    return (*(int(d) for d in rng.integers(1, 5, int(rng.integers(0, 4)))), int(rng.integers(1, 40)))


def check_random(seeds: range) -> None:
    """Fifty ops for each seed, ten samples each: from all classes alike to one far ahead of the others."""
    for seed in seeds:
        rng = np.random.default_rng(seed)
        model = ModelBuilder()
        for _ in range(50):
            scale, beta = float(10.0 ** rng.uniform(-4, 1.5)), float(rng.choice([1.0, 10.0 ** rng.uniform(-1, 1)]))
            add_softmax(model, random_shape(rng), scale, beta)
        inputs = random_inputs(model.build(), 10, rng)
        check_op(model, 10, rng, inputs=[(v // rng.choice([1, 4, 64, 255])).astype(np.int8) for v in inputs])


@pytest.mark.slow
def test_int8() -> None:
    check_random(range(1))


@pytest.mark.slow
def test_int8_at_many_scales() -> None:
    check_random(range(1, 4))


@pytest.mark.slow
def test_every_difference() -> None:
    """One row that holds all 256 values, at scales from flat to steep."""
    rng = np.random.default_rng(6)
    for scale in (2.0**-25, 0.001, 0.03, 0.1, 0.2473, 1.0, 30.0, 1e9):
        check_op(softmax_model((256,), scale), 2, rng, inputs=[np.arange(-128, 128, dtype=np.int8)[None]])


@pytest.mark.parametrize("value", [-128, 0, 127])
def test_most_equal_classes(value: int) -> None:
    """511 equal classes are the most TFLite-Micro can do before its sum leaves the range it checks."""
    check_op(softmax_model((1, 511)), 1, np.random.default_rng(0), inputs=[np.full((1, 1, 511), value, np.int8)])


def test_more_classes_than_tflite_micro_bears() -> None:
    """There the interpreter aborts. Each class has less than half a step then: all are 0, as in any arithmetic."""
    (got,) = run_compiled(softmax_model((1, 1000)).build(), [np.zeros((1, 1, 1000), np.int8)])
    assert np.all(got == -128)


def test_float() -> None:
    rng = np.random.default_rng(7)
    model = ModelBuilder()
    for _ in range(30):
        shape = random_shape(rng)
        x = model.input(shape, "float32")
        y = model.output(shape, "float32")
        model.op("SOFTMAX", [x], [y], beta=float(10.0 ** rng.uniform(-1, 1)))
    check_op(model, 20, rng, atol=1e-30)


def test_table_holds_only_what_can_matter() -> None:
    """exp(-13.9) is under half a unit of the sum: at scale 1 the table ends there."""
    call = compile_bytes(softmax_model((10,), scale=1.0).build()).steps[0].calls[0]
    assert call.params["exps_count"] == 14


@pytest.mark.parametrize(
    ("model", "why"),
    [
        (softmax_model((4,), out_scale=1 / 128), "not 1/256 and -128"),
        (softmax_model((4,), out_zero_point=0), "not 1/256 and -128"),
        (softmax_model((4096,)), "4096 classes, more than 4095"),
        (softmax_model((4,), scale=1e-9), "too small"),
        (softmax_model((4,), beta=-1.0), "too small"),
        (softmax_model(()), "no elements to normalise"),
    ],
)
def test_refusals(model: ModelBuilder, why: str) -> None:
    with pytest.raises(UnsupportedModel, match=why):
        compile_bytes(model.build())


@pytest.mark.slow
def test_every_int16_difference() -> None:
    model = ModelBuilder()
    for scale in (10.0 / 65535, 10.0 / 32767, 1e-6):
        x = model.input((4096, 2), "int16", scale=scale, zero_point=0)
        y = model.output((4096, 2), "int16", scale=1 / 32768, zero_point=0)
        model.op("SOFTMAX", [x], [y], beta=1.0)
    every = np.arange(65536).reshape(16, 4096) - 32768
    values = np.stack([every, np.full_like(every, 32767)], axis=-1).astype(np.int16)
    check_op(model, 16, np.random.default_rng(0), inputs=[values] * 3)


@pytest.mark.slow
def test_int16_sums_of_every_size() -> None:
    model = ModelBuilder()
    for depth in (1, 2, 3, 100, 5000, 65535):
        x = model.input((depth,), "int16", scale=1e-4, zero_point=0)
        y = model.output((depth,), "int16", scale=1 / 32768, zero_point=0)
        model.op("SOFTMAX", [x], [y], beta=1.0)
    check_op(model, 10, np.random.default_rng(0))
