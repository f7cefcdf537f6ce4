"""SOFTMAX, LOG_SOFTMAX, L2_NORMALIZATION."""

from __future__ import annotations

from typing import Any

import numpy as np

from proof import draw
from proof.case import Case, proves
from support.tflite_builder import ModelBuilder

_OUTPUTS: dict[tuple[str, str], dict[str, Any]] = {
    ("SOFTMAX", "int8"): {"scale": 1 / 256, "zero_point": -128},
    ("SOFTMAX", "int16"): {"scale": 1 / 32768, "zero_point": 0},
    ("SOFTMAX", "int8 to int16"): {"scale": 1 / 65536, "zero_point": -32768},
    ("LOG_SOFTMAX", "int8"): {"scale": 1 / 16, "zero_point": 127},
    ("L2_NORMALIZATION", "int8"): {"scale": 1 / 128, "zero_point": 0},
}


def _shape(rng: np.random.Generator, most: int) -> tuple[int, ...]:
    shape = draw.shape(rng, 1, most)
    if rng.random() < 0.2:
        shape = (*shape[:-1], int(rng.integers(20, 300)))
    return shape if np.prod(shape) < 4000 else shape[-1:]


def _unary(kind: str, rng: np.random.Generator, label: str, shape: tuple[int, ...], **options: Any) -> ModelBuilder:
    first, last = label.split(" to ")[0], label.split(" to ")[-1]
    quantization = draw.quantization(rng, first)
    if quantization and kind != "L2_NORMALIZATION" and rng.random() < 0.7:
        # differences of a few units: results between the extremes
        quantization["scale"] = float(np.float32(10.0 ** rng.uniform(-2.5, 0) / (256 if first == "int16" else 1)))
    output = _OUTPUTS.get((kind, label), {})
    if output and rng.random() < 0.05:
        output = draw.quantization(rng, last)  # refused, but by L2_NORMALIZATION
    model = ModelBuilder()
    model.op(kind, [model.input(shape, first, **quantization)], [model.output(shape, last, **output)], **options)
    return model


@proves("SOFTMAX", "int8", "int16", "int8 to int16", "float32")
def softmax(rng: np.random.Generator, label: str) -> Case:
    beta = float(rng.choice([1.0, 1.0, 0.5, 2.0, rng.uniform(0.01, 4)]))
    return Case(_unary("SOFTMAX", rng, label, _shape(rng, 5), beta=beta))


@proves("LOG_SOFTMAX", "int8", "float32")
def log_softmax(rng: np.random.Generator, label: str) -> Case:
    return Case(_unary("LOG_SOFTMAX", rng, label, _shape(rng, 5)))


@proves("L2_NORMALIZATION", "int8", "float32")
def l2_normalization(rng: np.random.Generator, label: str) -> Case:
    activation = "NONE" if rng.random() < 0.93 else "RELU"
    shape = _shape(rng, 4 if rng.random() < 0.93 else 5)
    return Case(_unary("L2_NORMALIZATION", rng, label, shape, fused_activation_function=activation))
