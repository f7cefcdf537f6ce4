"""SLICE, STRIDED_SLICE, REVERSE_V2, TRANSPOSE."""

from __future__ import annotations

from typing import Any

import numpy as np

from proof.case import Case, proves
from proof.ops.movement import affine, ints, maybe_other, shape
from support.check import random_inputs
from support.tflite_builder import ModelBuilder

Rng = np.random.Generator
_RUNS = 3


@proves("SLICE", "int8", "int16", "float32", "int32", "bool")
def slice_case(rng: Rng, label: str) -> Case:
    model, usual = ModelBuilder(), affine(rng, label)
    sizes = shape(rng, 1, 5)
    begin = [int(rng.integers(size)) for size in sizes]
    length = [int(rng.integers(1, size - first + 1)) for size, first in zip(sizes, begin, strict=True)]
    source = model.input(sizes, label, **usual)
    target = model.output(length, label, **maybe_other(rng, label, usual))
    open_end = [s - b == n and rng.random() < 0.5 for s, b, n in zip(sizes, begin, length, strict=True)]
    lengths = [-1 if is_open else n for is_open, n in zip(open_end, length, strict=True)]
    dtype = np.int64 if rng.random() < 0.3 else np.int32
    computed = int(rng.integers(4)) if rng.random() < 0.4 else 0
    fed: list[list[list[int]]] = []
    operands = []
    for place, numbers in enumerate((begin, lengths)):
        if computed >> place & 1:
            operands.append(model.input((len(sizes),), np.dtype(dtype).name))
            moving = [
                [int(rng.integers(s - n + 1)) if lengths[i] != -1 else begin[i] for i, (s, n) in enumerate(pairs)]
                for pairs in [list(zip(sizes, length, strict=True))] * _RUNS
            ]
            fed.append(moving if place == 0 else [numbers] * _RUNS)
        else:
            operands.append(ints(model, numbers, dtype))
    model.op("SLICE", [source, *operands], [target])
    if not fed:
        return Case(model, runs=_RUNS)
    inputs = random_inputs(model.build(), _RUNS, rng)
    return Case(model, [inputs[0], *(np.array(numbers, dtype) for numbers in fed)])


@proves("STRIDED_SLICE", "int8", "int16", "float32", "int32", "bool")
def strided_slice(rng: Rng, label: str) -> Case:
    model, usual = ModelBuilder(), affine(rng, label)
    while True:
        sizes = shape(rng, 1, 5 if rng.random() < 0.1 else 4, 7)
        rank = len(sizes)
        begin = [int(rng.integers(-size - 2, size + 1)) for size in sizes]
        end = [int(rng.integers(-size - 2, size + 3)) for size in sizes]
        strides = [int(rng.choice([1, 1, 2, 3, -1, -2])) for _ in sizes]
        masks = {name: int(rng.integers(2**rank)) for name in ("begin_mask", "end_mask")}
        shrink = int(rng.integers(2**rank)) if rng.random() < 0.4 else 0
        kept = []
        for axis, size in enumerate(sizes):
            bits = {name: bool(mask >> axis & 1) for name, mask in masks.items()}
            shrinks = bool(shrink >> axis & 1)
            if shrinks:
                strides[axis] = abs(strides[axis])
                begin[axis] = int(rng.integers(-size - 1, size))
            first = None if bits["begin_mask"] else begin[axis]
            last = None if bits["end_mask"] else end[axis]
            if not shrinks:
                kept.append(len(range(size)[slice(first, last, strides[axis])]))
        if all(kept):
            break
    source = model.input(sizes, label, **usual)
    target = model.output(kept, label, **maybe_other(rng, label, usual))
    extra: dict[str, Any] = {}
    if rng.random() < 0.1:
        # these masks TFLite-Micro does not see
        extra = {str(rng.choice(["ellipsis_mask", "new_axis_mask"])): 1 << int(rng.integers(rank))}
    arrays = [ints(model, numbers) for numbers in (begin, end, strides)]
    model.op("STRIDED_SLICE", [source, *arrays], [target], shrink_axis_mask=shrink, **masks, **extra)
    return Case(model, extension="up to 5 dimensions")


@proves("REVERSE_V2", "int8", "int16", "float32", "int32", "int64", "uint8", "bool")
def reverse(rng: Rng, label: str) -> Case:
    model, usual = ModelBuilder(), affine(rng, label)
    sizes = shape(rng, 1, 5)
    rank = len(sizes)
    first = int(rng.integers(rank))
    axes = list(range(first, int(rng.integers(first + 1, rank + 1))))
    if rng.random() < 0.05:
        axes = [0, rank]
    axes = [axis - rank if rng.random() < 0.3 else axis for axis in axes]
    rng.shuffle(axes)
    source = model.input(sizes, label, **usual)
    target = model.output(sizes, label, **maybe_other(rng, label, usual))
    # TFLite-Micro would take them as they come
    how = model.input((1,), "int32") if rng.random() < 0.03 else ints(model, axes)
    model.op("REVERSE_V2", [source, how], [target])
    return Case(model)


@proves("TRANSPOSE", "int8", "int16", "float32")
def transpose(rng: Rng, label: str) -> Case:
    model, usual = ModelBuilder(), affine(rng, label)
    sizes = shape(rng, 1, 5)
    order = rng.permutation(len(sizes)).astype(np.int32)
    source = model.input(sizes, label, **usual)
    target = model.output([sizes[i] for i in order], label, **maybe_other(rng, label, usual))
    # TFLite-Micro wants to know the permutation beforehand
    how = model.input(order.shape, "int32") if rng.random() < 0.05 else model.const(order)
    model.op("TRANSPOSE", [source, how], [target])
    return Case(model)
