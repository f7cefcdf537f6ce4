"""GATHER, GATHER_ND, EMBEDDING_LOOKUP."""

from __future__ import annotations

import math

import numpy as np

from proof.case import Case, proves
from proof.ops.movement import affine, maybe_other, shape, values
from support.check import random_inputs
from support.tflite_builder import ModelBuilder

Rng = np.random.Generator
_RUNS = 3


@proves("GATHER", "int8", "float32")
def gather(rng: Rng, label: str) -> Case:
    model, usual = ModelBuilder(), affine(rng, label)
    sizes = shape(rng)
    axis = int(rng.integers(len(sizes)))
    batch = int(rng.integers(axis + 1)) if rng.random() < 0.4 else 0
    own = shape(rng, 0, max(0, 3 - batch), 4)
    picked = [*sizes[:batch], *own]
    indices = rng.integers(0, sizes[axis], picked).astype(np.int32)
    if rng.random() < 0.05:
        indices.reshape(-1)[0] = int(rng.choice([-1, sizes[axis]]))
    source, positions, fed = _operands(model, rng, sizes, label, usual, indices)
    target = model.output([*sizes[:axis], *own, *sizes[axis + 1 :]], label, **maybe_other(rng, label, usual))
    options = {
        "axis": axis - len(sizes) if rng.random() < 0.3 else axis,
        "batch_dims": batch - len(picked) if len(picked) > 0 and rng.random() < 0.3 and batch < len(picked) else batch,
    }
    model.op("GATHER", [source, positions], [target], **options)
    return _case(model, rng, fed)


@proves("GATHER_ND", "int8", "float32")
def gather_nd(rng: Rng, label: str) -> Case:
    model, usual = ModelBuilder(), affine(rng, label)
    sizes = shape(rng)
    dims = int(rng.integers(1, len(sizes) + 1))
    own = shape(rng, 0, 2, 4)
    indices = np.stack([rng.integers(0, size, own) for size in sizes[:dims]], axis=-1).astype(np.int32)
    if rng.random() < 0.05:
        indices.reshape(-1)[0] = int(rng.choice([-1, math.prod(sizes)]))
    source, positions, fed = _operands(model, rng, sizes, label, usual, indices)
    target = model.output([*own, *sizes[dims:]], label, **maybe_other(rng, label, usual))
    model.op("GATHER_ND", [source, positions], [target])
    return _case(model, rng, fed)


@proves("EMBEDDING_LOOKUP", "int8", "float32", "int8 to float32")
def embedding_lookup(rng: Rng, label: str) -> Case:
    model = ModelBuilder()
    table_type, _, output = label.partition(" to ")
    usual = affine(rng, table_type)
    if output:
        usual["zero_point"] = int(rng.choice([0, 0, 0, 0, 3]))
    sizes = shape(rng, 2, 4)
    indices = rng.integers(0, sizes[0], int(rng.integers(1, 8))).astype(np.int32)
    if rng.random() < 0.05:
        indices[0] = int(rng.choice([-1, sizes[0]]))
    table, positions, fed = _operands(model, rng, sizes, table_type, usual, indices)
    other = {} if output else maybe_other(rng, label, usual)
    target = model.output([len(indices), *sizes[1:]], output or label, **other)
    model.op("EMBEDDING_LOOKUP", [positions, table], [target])
    return _case(model, rng, fed)


def _operands(
    model: ModelBuilder, rng: Rng, sizes: list[int], label: str, usual: dict[str, object], indices: np.ndarray
) -> tuple[int, int, np.ndarray | None]:
    """Source and positions, each a constant or an input, not both constants; and the positions if they are fed."""
    fixed = int(rng.integers(3))
    source = model.const(values(rng, sizes, label), **usual) if fixed == 1 else model.input(sizes, label, **usual)
    if fixed == 2:
        return source, model.const(indices), None
    return source, model.input(indices.shape, "int32"), indices


def _case(model: ModelBuilder, rng: Rng, fed: np.ndarray | None) -> Case:
    if fed is None:
        return Case(model, runs=_RUNS)
    inputs = random_inputs(model.build(), _RUNS, rng)
    # each run has the same positions in another order
    inputs[-1] = np.stack([np.roll(fed, run, 0) if fed.ndim == 1 else fed for run in range(_RUNS)])
    return Case(model, inputs, extension="where one names nothing, which TFLite-Micro stops at, the output is zero")
