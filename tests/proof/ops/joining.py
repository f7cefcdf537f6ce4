"""CONCATENATION, PACK, SPLIT, SPLIT_V, UNPACK."""

from __future__ import annotations

import numpy as np

from proof.case import Case, proves
from proof.ops.movement import affine, ints, maybe_other, operand, shape
from support.tflite_builder import ModelBuilder

Rng = np.random.Generator


@proves("CONCATENATION", "int8", "int16", "float32", "int32", "int64", "bool")
def concatenation(rng: Rng, label: str) -> Case:
    model, usual = ModelBuilder(), affine(rng, label)
    sizes = shape(rng)
    axis = int(rng.integers(-len(sizes), len(sizes)))
    lengths = [int(v) for v in rng.integers(1, 6, int(rng.integers(1, 6)))]
    inputs = []
    for number, length in enumerate(lengths):
        own = [*sizes]
        own[axis] = length
        inputs.append(operand(model, rng, own, label, usual) if number else model.input(own, label, **usual))
    total = [*sizes]
    total[axis] = sum(lengths)
    activation = "RELU" if rng.random() < 0.05 else "NONE"
    target = model.output(total, label, **usual)
    model.op("CONCATENATION", inputs, [target], axis=axis, fused_activation_function=activation)
    return Case(model)


@proves("PACK", "int8", "int16", "float32", "int32", "int64")
def pack(rng: Rng, label: str) -> Case:
    model, usual = ModelBuilder(), affine(rng, label)
    sizes = shape(rng)
    axis = int(rng.integers(-len(sizes) - 1, len(sizes) + 1))
    count = int(rng.integers(1, 6))
    inputs = [
        operand(model, rng, sizes, label, usual) if i else model.input(sizes, label, **usual) for i in range(count)
    ]
    place = axis + len(sizes) + 1 if axis < 0 else axis
    target = model.output([*sizes[:place], count, *sizes[place:]], label, **usual)
    model.op("PACK", inputs, [target], axis=axis, values_count=count)
    return Case(model)


@proves("UNPACK", "int8", "int16", "float32", "int32")
def unpack(rng: Rng, label: str) -> Case:
    model, usual = ModelBuilder(), affine(rng, label)
    sizes = shape(rng)
    axis = int(rng.integers(-len(sizes), len(sizes)))
    count = sizes[axis]
    place = axis % len(sizes)
    source = model.input(sizes, label, **usual)
    targets = _targets(model, rng, [[*sizes[:place], *sizes[place + 1 :]]] * count, label, usual)
    model.op("UNPACK", [source], targets, axis=axis, num=count)
    return Case(model)


@proves("SPLIT", "int8", "int16", "float32", "int32")
def split(rng: Rng, label: str) -> Case:
    model, usual = ModelBuilder(), affine(rng, label)
    sizes = shape(rng)
    axis = int(rng.integers(-len(sizes), len(sizes)))
    count = int(rng.integers(1, 6))
    whole = [*sizes]
    whole[axis] *= count
    # TFLite-Micro wants to know the axis beforehand
    where = model.input((1,), "int32") if rng.random() < 0.05 else ints(model, axis if rng.random() < 0.5 else [axis])
    source = model.input(whole, label, **usual)
    model.op("SPLIT", [where, source], _targets(model, rng, [sizes] * count, label, usual), num_splits=count)
    return Case(model)


@proves("SPLIT_V", "int8", "int16", "float32", "int32")
def split_v(rng: Rng, label: str) -> Case:
    model, usual = ModelBuilder(), affine(rng, label)
    sizes = shape(rng)
    axis = int(rng.integers(-len(sizes), len(sizes)))
    lengths = [int(v) for v in rng.integers(1, 6, int(rng.integers(1, 6)))]
    parts = []
    for length in lengths:
        sizes[axis] = length
        parts.append([*sizes])
    sizes[axis] = sum(lengths)
    source = model.input(sizes, label, **usual)
    if rng.random() < 0.3:
        lengths[int(rng.integers(len(lengths)))] = -1
    where = model.input((1,), "int32") if rng.random() < 0.05 else ints(model, [axis])
    targets = _targets(model, rng, parts, label, usual)
    model.op("SPLIT_V", [source, ints(model, lengths), where], targets, num_splits=len(parts))
    return Case(model)


def _targets(model: ModelBuilder, rng: Rng, shapes: list[list[int]], label: str, usual: dict[str, object]) -> list[int]:
    """Outputs of the model, but for some that nothing reads."""
    made = []
    for number, sizes in enumerate(shapes):
        make = model.tensor if number and rng.random() < 0.2 else model.output
        made.append(make(sizes, label, **maybe_other(rng, label, usual)))
    return made
