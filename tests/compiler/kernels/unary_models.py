"""Models of many int8 ops of one variable, each fed all 256 values: one compilation tests dozens of cases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from support.check import assert_same, check_op, random_inputs
from support.native import run_compiled
from support.oracle import run_oracle
from support.tflite_builder import ModelBuilder

EVERY = np.arange(-128, 128, dtype=np.int8)


@dataclass(frozen=True)
class Case:
    """Quantization of input and output, and the op's options."""

    scale: float
    zero_point: int
    out_scale: float
    out_zero_point: int
    options: dict[str, Any] = field(default_factory=dict)


def random_zero_point(rng: np.random.Generator) -> int:
    """Often an extreme: clamps and saturation begin there."""
    return int(rng.choice([-128, 127, 0, *rng.integers(-128, 128, 4)]))


def random_scale(rng: np.random.Generator, low: float = -4.0, high: float = 1.5) -> float:
    return float(np.float32(10.0 ** rng.uniform(low, high)))


def unary_model(kind: str, cases: Sequence[Case], shape: tuple[int, ...] = (256,)) -> ModelBuilder:
    model = ModelBuilder()
    for case in cases:
        x = model.input(shape, scale=case.scale, zero_point=case.zero_point)
        y = model.output(shape, scale=case.out_scale, zero_point=case.out_zero_point)
        model.op(kind, [x], [y], **case.options)
    return model


def check_every_value(kind: str, cases: Sequence[Case]) -> None:
    """All 256 values through every case; an error names the first case that differs."""
    tflite = unary_model(kind, cases).build()
    inputs = [EVERY[None]] * len(cases)
    expected = run_oracle(tflite, inputs).outputs
    for case, want, have in zip(cases, expected, run_compiled(tflite, inputs), strict=True):
        assert_same(want, have, f"{kind} {case}")


def check_random(kind: str, make: Callable[[np.random.Generator], Case], seeds: range) -> None:
    """Fifty random cases for each seed."""
    for seed in seeds:
        rng = np.random.default_rng(seed)
        check_every_value(kind, [make(rng) for _ in range(50)])


def check_float(kind: str, rng: np.random.Generator, **options: Any) -> None:
    """Random values and shapes, and the values at which float functions break."""
    special = np.array(
        [0.0, -0.0, np.inf, -np.inf, np.nan, 1e30, -1e30, 88.8, -88.8, -103.0, 16.62, -9.5, 3.0, -3.0, 1e-30, 6.0],
        np.float32,
    )
    model = ModelBuilder()
    for shape in [(16,), (1, 3, 5, 7), (2, 1), (1,)]:
        model.op(kind, [model.input(shape, "float32")], [model.output(shape, "float32")], **options)
    inputs = random_inputs(model.build(), 50, rng)
    inputs[0][0] = special
    # relative to tiny results, too: 1e-5 relative is the promise
    check_op(model, 50, rng, inputs=inputs, atol=1e-30)
