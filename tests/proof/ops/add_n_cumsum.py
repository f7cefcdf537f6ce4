"""ADD_N and CUMSUM."""

from __future__ import annotations

import numpy as np

from proof.case import Case, proves
from proof.pairs import quantization, random_scale, random_shapes, random_values, spread
from support.tflite_builder import ModelBuilder

_REFUSED = ("int16", "int32", "int64", "uint8")


@proves("ADD_N", "int8", "float32")
def add_n_case(rng: np.random.Generator, label: str) -> Case:
    model, inputs, operands = ModelBuilder(), [], []
    if rng.random() < 0.05:
        label = str(rng.choice(_REFUSED))
    shape = random_shapes(rng)[0]
    scale = random_scale(rng)
    quant = quantization(rng, label, scale)
    count = int(rng.choice([2, 3, 4, 5, 9, 40]))
    constant = int(rng.integers(0, 2 * count))
    for i in range(count):
        if i == constant:
            operands.append(model.const(random_values(rng, shape, label), label, **quant))
        elif operands and operands != [constant] and rng.random() < 0.1:
            operands.append(operands[int(rng.integers(len(operands)))])
        else:
            other = rng.random() < 0.005
            operands.append(model.input((*shape, 1) if other else shape, label, **quant))
            inputs.append(random_values(rng, (3, *shape, 1) if other else (3, *shape), label))
    if not inputs:
        operands.append(model.input(shape, label, **quant))
        inputs.append(random_values(rng, (3, *shape), label))
    out_scale = scale * spread(rng, [1, 4, 12])
    model.op("ADD_N", operands, [model.output(shape, label, **quantization(rng, label, out_scale))])
    return Case(model, inputs)


@proves("CUMSUM", "int8", "float32")
def cumsum_case(rng: np.random.Generator, label: str) -> Case:
    model = ModelBuilder()
    if rng.random() < 0.05:
        label = str(rng.choice(_REFUSED))
    shape = list(random_shapes(rng)[0]) or [3]
    axis = int(rng.integers(-len(shape), len(shape)))
    shape[axis] = int(rng.choice([1, 2, 5, 17, 40]))
    scale = random_scale(rng)
    x = model.input(shape, label, **quantization(rng, label, scale))
    out_scale = scale * spread(rng, [1, 4, 12])
    y = model.output(shape, label, **quantization(rng, label, out_scale))
    given = np.array(axis if rng.random() < 0.97 else len(shape), np.int32)
    axes = model.const(given if rng.random() < 0.5 else given.reshape(1))
    model.op("CUMSUM", [x, axes], [y], exclusive=bool(rng.integers(2)), reverse=bool(rng.integers(2)))
    return Case(model, [random_values(rng, (3, *shape), label)])
