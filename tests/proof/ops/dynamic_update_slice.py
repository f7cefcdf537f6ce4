"""DYNAMIC_UPDATE_SLICE."""

from __future__ import annotations

import numpy as np

from proof.case import Case, proves
from proof.pairs import quantization, random_scale, random_values
from support.tflite_builder import ModelBuilder


@proves("DYNAMIC_UPDATE_SLICE", "int8", "int16", "int32", "float32")
def dynamic_update_slice_case(rng: np.random.Generator, label: str) -> Case:
    model, inputs, operands = ModelBuilder(), [], []
    if rng.random() < 0.05:
        label = str(rng.choice(["int64", "uint8", "bool"]))
    shape = [int(d) for d in rng.choice([1, 2, 3, 5, 8], int(rng.integers(1, 7)))]
    update = [d if rng.random() < 0.4 else int(rng.integers(1, d + 1)) for d in shape]
    if rng.random() < 0.03:
        update[0] += 9
    index = str(rng.choice(["int32", "int64"]))
    start = rng.integers(-2, 9, (3, len(shape))).astype(index)
    if rng.random() < 0.1:
        start[0] = np.iinfo(index).min
        start[1] = np.iinfo(index).max
    constant = int(rng.integers(0, 5))
    quant = quantization(rng, label, random_scale(rng))
    for i, dims in enumerate((shape, update, [len(shape)])):
        values = start if i == 2 else random_values(rng, (3, *dims), label)
        extra = {} if i == 2 else quant
        if i == constant:
            operands.append(model.const(values[0], index if i == 2 else label, **extra))
        else:
            operands.append(model.input(dims, index if i == 2 else label, **extra))
            inputs.append(values)
    model.op("DYNAMIC_UPDATE_SLICE", operands, [model.output(shape, label, **quant)])
    return Case(model, inputs)
