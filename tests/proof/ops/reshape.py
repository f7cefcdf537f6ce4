"""RESHAPE, SQUEEZE, EXPAND_DIMS: another shape over the same memory."""

from __future__ import annotations

import numpy as np

from proof.case import Case, proves
from support.tflite_builder import ModelBuilder


@proves("SQUEEZE", "int8", "float32")
def squeeze_case(rng: np.random.Generator, label: str) -> Case:
    """All dimensions of 1, or some of them, counted from either end."""
    shape = [int(n) for n in rng.choice([1, 1, 2, 3, 5], rng.integers(2, 6))]
    ones = [i for i, n in enumerate(shape) if n == 1]
    some = sorted(int(i) for i in rng.choice(ones, rng.integers(1, len(ones) + 1), replace=False)) if ones else []
    dims = some if rng.random() < 0.5 else []
    gone = dims or ones
    out = [n for i, n in enumerate(shape) if i not in gone]
    model = ModelBuilder()
    quantization = {"scale": 0.1, "zero_point": 3} if label == "int8" else {}
    x = model.input(shape, label, **quantization)
    y = model.output(out, label, **quantization)
    model.op("SQUEEZE", [x], [y], squeeze_dims=[d - len(shape) if rng.random() < 0.3 else d for d in dims])
    return Case(model)
