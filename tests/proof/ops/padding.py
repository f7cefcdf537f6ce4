"""PAD, PADV2, MIRROR_PAD, BATCH_TO_SPACE_ND, SPACE_TO_BATCH_ND, DEPTH_TO_SPACE, SPACE_TO_DEPTH."""

from __future__ import annotations

import numpy as np

from proof.case import Case, proves
from proof.ops.movement import affine, ints, maybe_other, shape, values
from support.check import random_inputs
from support.tflite_builder import ModelBuilder

Rng = np.random.Generator


@proves("PAD", "int8", "int16", "float32", "int32")
def pad(rng: Rng, label: str) -> Case:
    return _pad(rng, label, "PAD", rng.random() < 0.1)


@proves("PADV2", "int8", "int16", "float32", "int32")
def pad_v2(rng: Rng, label: str) -> Case:
    return _pad(rng, label, "PADV2", rng.random() < 0.9)


def _pad(rng: Rng, label: str, kind: str, valued: bool) -> Case:
    model, usual = ModelBuilder(), affine(rng, label)
    sizes = shape(rng, 1, 5, 5)
    amounts = rng.integers(0, 4, (len(sizes), 2)) * (rng.random((len(sizes), 1)) < 0.7)
    source = model.input(sizes, label, **usual)
    other = maybe_other(rng, label, usual)
    target = model.output([s + int(a.sum()) for s, a in zip(sizes, amounts, strict=True)], label, **other)
    # TFLite-Micro wants to know the amount beforehand
    inputs = [source, model.input(amounts.shape, "int32") if rng.random() < 0.03 else ints(model, amounts)]
    if valued:
        # an int8 value of another quantization is refused
        own = maybe_other(rng, label, other)
        computed = rng.random() < 0.4
        inputs.append(model.input((1,), label, **own) if computed else model.const(values(rng, (1,), label), **own))
    model.op(kind, inputs, [target])
    return Case(model)


@proves("MIRROR_PAD", "int8", "float32")
def mirror_pad(rng: Rng, label: str) -> Case:
    model, usual = ModelBuilder(), affine(rng, label)
    sizes = shape(rng, 1, 5, 5)
    mode = str(rng.choice(["REFLECT", "SYMMETRIC"]))
    most = [size - (mode == "REFLECT") for size in sizes]
    amounts = [
        (0, 0)
        if rng.random() < 0.4
        else (int(rng.integers(n + 1)), int(rng.integers(n + 1 + 3 * (rng.random() < 0.1))))
        for n in most
    ]
    source = model.input(sizes, label, **usual)
    padded = [size + sum(amount) for size, amount in zip(sizes, amounts, strict=True)]
    target = model.output(padded, label, **maybe_other(rng, label, usual))
    computed = rng.random() < 0.03
    dtype = np.int64 if rng.random() < 0.3 else np.int32
    how = model.input((len(sizes), 2), np.dtype(dtype).name) if computed else ints(model, amounts, dtype)
    model.op("MIRROR_PAD", [source, how], [target], mode=mode)
    return _fed(model, rng, amounts, dtype) if computed else Case(model)


@proves("BATCH_TO_SPACE_ND", "int8", "float32")
def batch_to_space(rng: Rng, label: str) -> Case:
    return _batch_space(rng, label, "BATCH_TO_SPACE_ND")


@proves("SPACE_TO_BATCH_ND", "int8", "float32")
def space_to_batch(rng: Rng, label: str) -> Case:
    return _batch_space(rng, label, "SPACE_TO_BATCH_ND")


def _batch_space(rng: Rng, label: str, kind: str) -> Case:
    model, usual = ModelBuilder(), affine(rng, label)
    rank = 5 if rng.random() < 0.03 else int(rng.integers(3, 5))
    spatial = rank - 2
    images, depth = (int(v) for v in rng.integers(1, 4, 2))
    blocks = rng.integers(1, 4, spatial)
    size = rng.integers(1, 5, spatial)
    margins = np.zeros((spatial, 2), np.int32)
    if rng.random() < 0.7:
        # something is left of each dimension
        total = rng.integers(0, blocks * size)
        margins[:, 0] = rng.integers(0, total + 1)
        margins[:, 1] = total - margins[:, 0]
    space = [images, *(int(v) for v in blocks * size - margins.sum(1)), depth]
    batch = [images * int(blocks.prod()), *(int(v) for v in size), depth]
    shapes = (batch, space) if kind == "BATCH_TO_SPACE_ND" else (space, batch)
    source = model.input(shapes[0], label, **usual)
    target = model.output(shapes[1], label, **maybe_other(rng, label, usual))
    computed = rng.random() < 0.03
    how = model.input((spatial,), "int32") if computed else ints(model, blocks)
    model.op(kind, [source, how, ints(model, margins)], [target])
    return _fed(model, rng, blocks) if computed else Case(model)


def _fed(model: ModelBuilder, rng: Rng, numbers: object, dtype: type = np.int32) -> Case:
    """A model whose second input gets sound numbers."""
    inputs = random_inputs(model.build(), 2, rng)
    return Case(model, [inputs[0], np.array([numbers] * 2, dtype)])


@proves("DEPTH_TO_SPACE", "int8", "float32")
def depth_to_space(rng: Rng, label: str) -> Case:
    model, usual = ModelBuilder(), affine(rng, label)
    batch, height, width, depth, block = (int(v) for v in rng.integers(1, 5, 5))
    wrong = block > 1 and rng.random() < 0.05
    source = model.input((batch, height, width, depth * block * block + wrong), label, **usual)
    target = model.output((batch, height * block, width * block, depth), label, **maybe_other(rng, label, usual))
    model.op("DEPTH_TO_SPACE", [source], [target], block_size=block)
    return Case(model)


@proves("SPACE_TO_DEPTH", "int8", "float32")
def space_to_depth(rng: Rng, label: str) -> Case:
    model, usual = ModelBuilder(), affine(rng, label)
    batch, height, width, depth, block = (int(v) for v in rng.integers(1, 5, 5))
    wrong = block > 1 and rng.random() < 0.05
    source = model.input((batch, height * block + wrong, width * block, depth), label, **usual)
    target = model.output((batch, height, width, depth * block * block), label, **maybe_other(rng, label, usual))
    model.op("SPACE_TO_DEPTH", [source], [target], block_size=block)
    return Case(model)
