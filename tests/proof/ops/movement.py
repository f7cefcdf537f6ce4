"""What generators of operators that move data share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from support.tflite_builder import ModelBuilder

Rng = np.random.Generator
_QUANTIZED = ("int8", "int16", "uint8")


def shape(rng: Rng, lowest: int = 1, highest: int = 4, largest: int = 6) -> list[int]:
    """Random sizes of a random number of dimensions; one in four is 1."""
    rank = int(rng.integers(lowest, highest + 1))
    return [1 if rng.random() < 0.25 else int(rng.integers(1, largest + 1)) for _ in range(rank)]


def affine(rng: Rng, label: str) -> dict[str, Any]:
    """A scale and a zero point for a type that has them; extremes among them."""
    if label not in _QUANTIZED:
        return {}
    point = (
        int(rng.choice([0, 0, 0, 5]))
        if label == "int16"
        else int(rng.choice([-128, -7, 0, 5, 127])) + (128 if label == "uint8" else 0)
    )
    return {"scale": float(2.0 ** rng.uniform(-12, 4)), "zero_point": point}


def maybe_other(rng: Rng, label: str, usual: dict[str, Any]) -> dict[str, Any]:
    """The same quantization, or in one case of ten another: movers do not rescale."""
    return affine(rng, label) if rng.random() < 0.1 else usual


def values(rng: Rng, sizes: Sequence[int], label: str) -> np.ndarray:
    """Random data of a type."""
    if label == "float32":
        return np.asarray(rng.standard_normal(sizes), np.float32)
    if label == "bool":
        return np.asarray(rng.integers(0, 2, sizes), np.bool_)
    info = np.iinfo(label)
    return np.asarray(rng.integers(info.min, info.max, sizes, np.dtype(label), endpoint=True))


def operand(model: ModelBuilder, rng: Rng, sizes: Sequence[int], label: str, usual: dict[str, Any]) -> int:
    """A further operand: a constant in one case of four, else a model input."""
    quantization = maybe_other(rng, label, usual)
    if rng.random() < 0.25:
        return model.const(values(rng, sizes, label), **quantization)
    return model.input(sizes, label, **quantization)


def ints(model: ModelBuilder, numbers: object, dtype: type = np.int32) -> int:
    """A constant of integers."""
    return model.const(np.asarray(numbers, dtype))
