"""SELECT_V2, BROADCAST_TO and BROADCAST_ARGS."""

from __future__ import annotations

import numpy as np

from proof.case import Case, proves
from proof.pairs import quantization, random_scale, random_shapes, random_values
from support.tflite_builder import ModelBuilder


@proves("SELECT_V2", "int8", "int16", "float32")
def select_case(rng: np.random.Generator, label: str) -> Case:
    model, inputs = ModelBuilder(), []
    if rng.random() < 0.05:
        label = str(rng.choice(["int32", "int64", "uint8", "bool"]))
    shapes = random_shapes(rng, 3)
    constant = int(rng.integers(0, 4))
    operands = []
    for i, (shape, kind) in enumerate(zip(shapes, ("bool", label, label), strict=True)):
        quant = quantization(rng, kind, random_scale(rng))
        values = random_values(rng, shape if i == constant else (3, *shape), kind)
        if i == constant:
            operands.append(model.const(values, kind, **quant))
        else:
            operands.append(model.input(shape, kind, **quant))
            inputs.append(values)
    if rng.random() < 0.1 and shapes[2] == shapes[1]:
        operands[2] = operands[1]
    out = model.output(np.broadcast_shapes(*shapes), label, **quantization(rng, label, random_scale(rng)))
    model.op("SELECT_V2", operands, [out])
    return Case(model, inputs)


@proves("BROADCAST_TO", "int8", "uint8", "int16", "int32", "int64", "bool", "float32")
def broadcast_to_case(rng: np.random.Generator, label: str) -> Case:
    model = ModelBuilder()
    source, other = random_shapes(rng, ranks=5 if rng.random() < 0.95 else 6)
    target = np.broadcast_shapes(source, other)
    if rng.random() < 0.05:
        source = (6, *source)
    given = list(target) if rng.random() < 0.95 else [*target[:-1], 9]
    shape = model.const(np.array(given, rng.choice(["int32", "int64"])))
    quant = quantization(rng, label, random_scale(rng))
    x, y = model.input(source, label, **quant), model.output(target, label, **quant)
    model.op("BROADCAST_TO", [x, shape], [y])
    return Case(model)


@proves("BROADCAST_ARGS", "int32", "int64")
def broadcast_args_case(rng: np.random.Generator, label: str) -> Case:
    model, inputs, operands = ModelBuilder(), [], []
    shapes = random_shapes(rng)
    while not shapes[0] or not shapes[1]:
        shapes = random_shapes(rng)
    constant = int(rng.integers(0, 3))
    for i, shape in enumerate(shapes):
        values = np.array(shape, label)
        if i == constant:
            operands.append(model.const(values))
        else:
            operands.append(model.input(values.shape, label))
            inputs.append(np.stack([values] * 3))
    count = max(len(shape) for shape in shapes) + int(rng.choice([0, 0, 0, 1]))
    model.op("BROADCAST_ARGS", operands, [model.output((count,), label if rng.random() < 0.95 else "float32")])
    return Case(model, inputs)
