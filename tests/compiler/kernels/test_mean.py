"""MEAN against TFLite-Micro."""

from __future__ import annotations

import numpy as np
import pytest

from support.check import check_op
from support.seeds import many
from support.tflite_builder import ModelBuilder
from tinykit.compiler import compile_graph
from tinykit.errors import UnsupportedModel
from tinykit.graph.reader import parse_model


def mean_model(rng: np.random.Generator, dtype: str) -> ModelBuilder:
    rank = int(rng.integers(1, 5))
    shape = [int(v) for v in rng.integers(1, 9, rank)]
    axes = rng.permutation(rank)[: int(rng.integers(1, rank + 1))].astype(np.int32)
    keep = bool(rng.random() < 0.5)
    out = [1 if i in axes else d for i, d in enumerate(shape) if keep or i not in axes]
    signed = np.where(rng.random(len(axes)) < 0.3, axes - rank, axes).astype(np.int32)
    m = ModelBuilder()
    if dtype == "float32":
        x, y = m.input(shape, dtype), m.output(out, dtype)
    else:
        scale = float(np.float32(2.0 ** rng.uniform(-8, 2)))
        other = scale if rng.random() < 0.4 else float(np.float32(scale * 2.0 ** rng.uniform(-3, 3)))
        point = int(rng.integers(-128, 128))
        x = m.input(shape, dtype, scale=scale, zero_point=point)
        y = m.output(out, dtype, scale=other, zero_point=point if other == scale else int(rng.integers(-128, 128)))
    m.op("MEAN", [x, m.const(signed)], [y], keep_dims=keep)
    return m


def check_many(dtype: str, seeds: range) -> None:
    for seed in seeds:
        rng = np.random.default_rng(seed)
        try:
            check_op(mean_model(rng, dtype), 4, rng)
        except AssertionError as error:
            raise AssertionError(f"MEAN {dtype}, seed {seed}: {error}") from error


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["int8", "float32"])
def test_a_few_random_means(dtype: str) -> None:
    check_many(dtype, range(10))


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["int8", "float32"])
def test_many_random_means(dtype: str) -> None:
    check_many(dtype, many(10, 110))


def test_refuses_axes_that_do_not_exist() -> None:
    m = ModelBuilder()
    x = m.input((2, 3), "float32")
    m.op("MEAN", [x, m.const(np.array([2], np.int32))], [m.output((2,), "float32")])
    with pytest.raises(UnsupportedModel, match=r"axes \[2\] do not fit 2 dimensions"):
        compile_graph(parse_model(m.build(), name="m", where="m.tflite"))
