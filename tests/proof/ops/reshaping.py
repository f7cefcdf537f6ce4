"""RESHAPE, SQUEEZE, EXPAND_DIMS, SHAPE."""

from __future__ import annotations

import math

import numpy as np

from proof.case import Case, proves
from proof.ops.movement import affine, ints, maybe_other, shape
from support.tflite_builder import ModelBuilder

Rng = np.random.Generator
_ALL = ("int8", "int16", "float32", "int32", "int64", "uint8", "bool")


@proves("RESHAPE", *_ALL)
def reshape(rng: Rng, label: str) -> Case:
    model, usual = ModelBuilder(), affine(rng, label)
    sizes = shape(rng)
    source = model.input(sizes, label, **usual)
    wanted = [math.prod(sizes)] if rng.random() < 0.3 else [int(v) for v in rng.permutation([*sizes, 1])]
    if rng.random() < 0.05:
        wanted[0] += 1
    how = int(rng.integers(3))
    inputs = [source]
    if how == 1:
        given = [*wanted]
        given[int(rng.integers(len(given)))] = -1 if rng.random() < 0.5 else given[-1]
        inputs.append(ints(model, given))
    elif how == 2:
        # the shape of another input, so that it is computed, and counts for nothing
        other = model.input(wanted, "int8", scale=0.5, zero_point=0)
        inputs.append(model.tensor((len(wanted),), "int32"))
        model.op("SHAPE", [other], [inputs[-1]], out_type="INT32")
    target = model.output(wanted, label, **maybe_other(rng, label, usual))
    model.op("RESHAPE", inputs, [target], new_shape=wanted)
    return Case(model)


@proves("SQUEEZE", *_ALL)
def squeeze(rng: Rng, label: str) -> Case:
    model, usual = ModelBuilder(), affine(rng, label)
    sizes = shape(rng, 1, 4, 3)
    single = [axis for axis, size in enumerate(sizes) if size == 1]
    dims = [axis for axis in single if rng.random() < 0.6]
    gone = dims or single
    kept = [size for axis, size in enumerate(sizes) if axis not in gone]
    source = model.input(sizes, label, **usual)
    target = model.output(kept, label, **maybe_other(rng, label, usual))
    dims = [axis - len(sizes) if rng.random() < 0.3 else axis for axis in dims]
    if rng.random() < 0.05:
        dims.append(len(sizes))
    model.op("SQUEEZE", [source], [target], squeeze_dims=dims)
    return Case(model)


@proves("EXPAND_DIMS", "int8", "int16", "float32")
def expand_dims(rng: Rng, label: str) -> Case:
    model, usual = ModelBuilder(), affine(rng, label)
    sizes = shape(rng, 0, 4)
    place = int(rng.integers(len(sizes) + 1))
    axis = place - len(sizes) - 1 if rng.random() < 0.4 else place
    source = model.input(sizes, label, **usual)
    target = model.output([*sizes[:place], 1, *sizes[place:]], label, **maybe_other(rng, label, usual))
    if rng.random() < 0.05:
        axis = len(sizes) + 1
    where = model.input((1,), "int32") if rng.random() < 0.03 else ints(model, axis if rng.random() < 0.5 else [axis])
    model.op("EXPAND_DIMS", [source, where], [target])
    return Case(model)


@proves("SHAPE", *_ALL)
def shape_case(rng: Rng, label: str) -> Case:
    model = ModelBuilder()
    sizes = shape(rng)
    source = model.input(sizes, label, **affine(rng, label))
    wide = rng.random() < 0.05
    target = model.output((len(sizes),), "int64" if wide else "int32")
    model.op("SHAPE", [source], [target], out_type="INT64" if wide else "INT32")
    return Case(model)
