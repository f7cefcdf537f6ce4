"""What generators of random models draw again and again."""

from __future__ import annotations

from typing import Any

import numpy as np

LIMITS = {"int8": (-128, 127), "uint8": (0, 255), "int16": (-32768, 32767)}


def shape(rng: np.random.Generator, low: int = 1, high: int = 5, most: int = 9) -> tuple[int, ...]:
    """``low`` to ``high`` dimensions, a third of them of size 1, fewer elements than 3000."""
    rank = int(rng.integers(low, high + 1))
    while True:
        sizes = tuple(1 if rng.random() < 0.3 else int(rng.integers(1, most + 1)) for _ in range(rank))
        if np.prod(sizes) < 3000:
            return sizes


def scale(rng: np.random.Generator, low: float = -8.0, high: float = 3.0) -> float:
    """A single-precision scale between powers of two; seldom far outside of them, often a power of two itself."""
    exponent = float(rng.uniform(low, high))
    if rng.random() < 0.05:
        exponent *= 3
    if rng.random() < 0.2:
        exponent = round(exponent)
    return float(np.float32(2.0**exponent))


def zero_point(rng: np.random.Generator, dtype: str = "int8") -> int:
    """Often 0 or an extreme; for int16, which converters give none, mostly 0."""
    low, high = LIMITS[dtype]
    if dtype == "int16" and rng.random() < 0.7:
        return 0
    return int(rng.choice([low, high, 0, *rng.integers(low, high + 1, 4)]))


def quantization(rng: np.random.Generator, dtype: str) -> dict[str, Any]:
    """``scale`` and ``zero_point`` of a tensor for ModelBuilder; nothing for types without."""
    if dtype not in LIMITS:
        return {}
    return {"scale": scale(rng), "zero_point": zero_point(rng, dtype)}
