"""MEAN, SUM, REDUCE_MAX, REDUCE_MIN, REDUCE_ALL, ARG_MAX, ARG_MIN."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from proof import draw
from proof.case import Case, proves
from support.tflite_builder import ModelBuilder


def _axes(rng: np.random.Generator, rank: int) -> list[int]:
    """None to all of the axes, some negative, some twice."""
    axes = [int(a) for a in rng.permutation(rank)[: int(rng.integers(0 if rng.random() < 0.1 else 1, rank + 1))]]
    if axes and rng.random() < 0.1:
        axes.append(axes[0])
    return [a - rank if rng.random() < 0.3 else a for a in axes]


def _reduced(shape: tuple[int, ...], axes: list[int], keep: bool) -> list[int]:
    gone = {a % len(shape) for a in axes}
    return [1 if i in gone else d for i, d in enumerate(shape) if keep or i not in gone]


def _other_quantization(rng: np.random.Generator, dtype: str, first: dict[str, Any]) -> dict[str, Any]:
    """The same in two cases of five, else one near it, seldom any."""
    if not first or rng.random() < 0.4:
        return first
    if rng.random() < 0.1:
        return draw.quantization(rng, dtype)
    factor = 2.0 ** rng.uniform(-5, 5)
    return {"scale": float(np.float32(first["scale"] * factor)), "zero_point": draw.zero_point(rng, dtype)}


def _reduction(kind: str, rng: np.random.Generator, label: str) -> Case:
    shape = draw.shape(rng)
    axes = _axes(rng, len(shape))
    keep = bool(rng.random() < 0.5)
    out = _reduced(shape, axes, keep)
    if rng.random() < 0.05 and (label == "float32" or kind not in ("MEAN", "SUM")):
        # There is none: refused. (TFLite-Micro's quantized MEAN and SUM say nothing and leave zeros.)
        axes.append(len(shape))
    quantization = draw.quantization(rng, label)
    if kind in ("MEAN", "SUM"):
        other = _other_quantization(rng, label, quantization)
    else:
        other = quantization if rng.random() < 0.9 else draw.quantization(rng, label)
    model = ModelBuilder()
    x = model.input(shape, label, **quantization)
    y = model.output(out, label, **other)
    model.op(kind, [x, model.const(np.array(axes, np.int32))], [y], keep_dims=keep)
    # what is added in float loses up to the last bit of the largest partial sum
    return Case(model, atol=1e-4 if kind in ("MEAN", "SUM") else 1e-6)


def _arg(kind: str, rng: np.random.Generator, label: str) -> Case:
    shape = draw.shape(rng)
    axis = int(rng.integers(0, len(shape)))
    model = ModelBuilder()
    x = model.input(shape, label, **draw.quantization(rng, label))
    out = shape[:axis] + shape[axis + 1 :]
    y = model.output(out, "int32" if rng.random() < 0.95 else "int64")
    at = np.array(axis - len(shape) if rng.random() < 0.4 else axis, np.int32)
    model.op(kind, [x, model.const(at if rng.random() < 0.5 else at.reshape(1))], [y])
    values = None
    if rng.random() < 0.5:  # with many equal elements
        values = [rng.integers(-3, 3, (3, *shape)).astype(label)]
    return Case(model, values)


for _kind in ("MEAN", "SUM"):
    proves(_kind, "int8", "int16", "float32")(functools.partial(_reduction, _kind))
for _kind in ("REDUCE_MAX", "REDUCE_MIN"):
    proves(_kind, "int8", "float32")(functools.partial(_reduction, _kind))
proves("REDUCE_ALL", "bool")(functools.partial(_reduction, "REDUCE_ALL"))
for _kind in ("ARG_MAX", "ARG_MIN"):
    proves(_kind, "int8 to int32", "float32 to int32")(lambda rng, label, kind=_kind: _arg(kind, rng, label.split()[0]))
