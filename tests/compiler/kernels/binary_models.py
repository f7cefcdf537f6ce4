"""Models of many ops of two operands: one compilation tests dozens of cases."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from compiler.kernels.unary_models import random_scale, random_zero_point
from support.check import check_op
from support.tflite_builder import ModelBuilder

Shape = tuple[int, ...]
ACTIVATIONS = ("NONE", "NONE", "RELU", "RELU6", "RELU_N1_TO_1")
SHAPES: tuple[tuple[Shape, Shape], ...] = (
    ((2, 3, 4), (2, 3, 4)),
    ((1, 5, 5, 7), (1, 5, 5, 7)),
    ((1, 4, 4, 8), (1, 1, 1, 8)),
    ((1, 4, 4, 8), (8,)),
    ((1, 1, 1, 8), (1, 4, 4, 8)),
    ((1, 4, 4, 8), (1, 4, 4, 1)),
    ((1, 4, 1, 8), (1, 1, 3, 8)),
    ((5,), (1,)),
    ((1,), (7,)),
    ((), (3,)),
    ((), ()),
    ((1, 1), (1, 1)),
    ((2, 1, 3), (1, 4, 1)),
    ((3,), (2, 4, 3)),
    ((2, 1, 3, 1), (1, 4, 1, 5)),
    ((2, 1, 3, 1, 2), (1, 2, 1, 3, 1)),
    ((1, 2, 1, 3, 1), (2, 1, 3, 1, 2)),
    ((2, 2, 2, 2, 2), (2, 2, 2, 2, 2)),
)


def add_op(
    model: ModelBuilder,
    kind: str,
    first: Shape,
    second: Shape,
    scales: tuple[float, float, float],
    zero_points: tuple[int, int, int],
    activation: str,
) -> None:
    """An int8 op of two new inputs."""
    x = model.input(first, scale=scales[0], zero_point=zero_points[0])
    y = model.input(second, scale=scales[1], zero_point=zero_points[1])
    z = model.output(np.broadcast_shapes(first, second), scale=scales[2], zero_point=zero_points[2])
    model.op(kind, [x, y], [z], fused_activation_function=activation)


def float_model(model: ModelBuilder, kind: str, first: Shape, second: Shape, activation: str) -> None:
    """A float op of two new inputs."""
    x, y = model.input(first, "float32"), model.input(second, "float32")
    z = model.output(np.broadcast_shapes(first, second), "float32")
    model.op(kind, [x, y], [z], fused_activation_function=activation)


def random_binary_model(
    kind: str, count: int, rng: np.random.Generator, shapes: Sequence[tuple[Shape, Shape]] = SHAPES
) -> ModelBuilder:
    """Quantizations as they come out of calibration, and some far from that."""
    model = ModelBuilder()
    for i in range(count):
        scales = (random_scale(rng, -3, 0.5), random_scale(rng, -3, 0.5))
        if i % 4:
            scales = (scales[0], scales[0] * float(2.0 ** rng.uniform(-3, 3)))
        if kind == "MUL":
            out_scale = scales[0] * scales[1] * float(2.0 ** rng.uniform(-3, 10))
        else:
            out_scale = max(scales) * float(2.0 ** rng.uniform(-1, 2))
        zero_points = (random_zero_point(rng), random_zero_point(rng), random_zero_point(rng))
        first, second = shapes[i % len(shapes)]
        add_op(model, kind, first, second, (*scales, out_scale), zero_points, str(rng.choice(ACTIVATIONS)))
    return model


def check_shapes(kind: str) -> None:
    """Every shape, with and without a clamp: these take different loops."""
    rng = np.random.default_rng(10)
    model = ModelBuilder()
    for first, second in SHAPES:
        for activation in ("NONE", "RELU"):
            scale = 1.1 if kind == "MUL" else 0.15
            add_op(model, kind, first, second, (0.11, 0.07, scale), (3, -20, -7), activation)
    check_op(model, 10, rng)


def check_float(kind: str) -> None:
    rng = np.random.default_rng(11)
    model = ModelBuilder()
    for first, second in SHAPES:
        for activation in ("NONE", "RELU", "RELU6", "RELU_N1_TO_1"):
            float_model(model, kind, first, second, activation)
    # one operation, rounded once: there is nothing to differ in
    check_op(model, 10, rng, rtol=0, atol=0)
