"""PAD, CONCATENATION, TRANSPOSE, STRIDED_SLICE and shape changes against TFLite-Micro."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from support.check import check_op
from support.seeds import many
from support.tflite_builder import ModelBuilder
from tinykit.compiler import CompiledModel, compile_graph
from tinykit.errors import UnsupportedModel
from tinykit.graph.reader import parse_model

Rng = np.random.Generator


def affine(dtype: str) -> dict[str, float]:
    return {} if dtype == "float32" else {"scale": 0.05, "zero_point": -7}


def pad_model(rng: Rng, dtype: str) -> ModelBuilder:
    rank = int(rng.integers(1, 5))
    shape = [int(v) for v in rng.integers(1, 6, rank)]
    amounts = rng.integers(0, 4, (rank, 2)).astype(np.int32)
    m = ModelBuilder()
    x = m.input(shape, dtype, **affine(dtype))
    y = m.output([s + int(a.sum()) for s, a in zip(shape, amounts, strict=True)], dtype, **affine(dtype))
    if rng.random() < 0.3:
        value = np.array([5], np.int8) if dtype == "int8" else np.array([2.5], np.float32)
        m.op("PADV2", [x, m.const(amounts), m.const(value, **affine(dtype))], [y])
    else:
        m.op("PAD", [x, m.const(amounts)], [y])
    return m


def concatenation_model(rng: Rng, dtype: str) -> ModelBuilder:
    rank = int(rng.integers(1, 5))
    shape = [int(v) for v in rng.integers(1, 6, rank)]
    axis = int(rng.integers(-rank, rank))
    m = ModelBuilder()
    inputs, total = [], 0
    for _ in range(int(rng.integers(1, 5))):
        own = list(shape)
        own[axis] = int(rng.integers(1, 5))
        total += own[axis]
        if rng.random() < 0.25 and inputs:
            values = rng.integers(-128, 128, own) if dtype == "int8" else rng.standard_normal(own)
            inputs.append(m.const(values.astype(dtype), **affine(dtype)))
        else:
            inputs.append(m.input(own, dtype, **affine(dtype)))
    out = list(shape)
    out[axis] = total
    m.op("CONCATENATION", inputs, [m.output(out, dtype, **affine(dtype))], axis=axis)
    return m


def transpose_model(rng: Rng, dtype: str) -> ModelBuilder:
    rank = int(rng.integers(1, 6))
    shape = [int(v) for v in rng.integers(1, 6, rank)]
    order = rng.permutation(rank).astype(np.int32)
    m = ModelBuilder()
    x = m.input(shape, dtype, **affine(dtype))
    y = m.output([shape[i] for i in order], dtype, **affine(dtype))
    m.op("TRANSPOSE", [x, m.const(order)], [y])
    return m


def strided_slice_model(rng: Rng, dtype: str) -> ModelBuilder:
    rank = int(rng.integers(1, 5))
    shape = [int(v) for v in rng.integers(1, 8, rank)]
    source = np.zeros(shape)
    while True:
        begin = [int(rng.integers(-d, d)) for d in shape]
        end = [int(rng.integers(-d - 1, d + 2)) for d in shape]
        strides = [int(rng.choice([1, 1, 2, 3, -1, -2])) for _ in shape]
        masks = [int(rng.integers(0, 2**rank)) for _ in range(2)]
        shrink = int(rng.integers(0, 2**rank)) if rng.random() < 0.4 else 0
        strides = [1 if shrink & (1 << i) else s for i, s in enumerate(strides)]
        begin_mask, end_mask = (mask & ~shrink for mask in masks)
        index: list[int | slice] = []
        for i in range(rank):
            if shrink & (1 << i):
                index.append(begin[i])
                continue
            first = None if begin_mask & (1 << i) else begin[i]
            last = None if end_mask & (1 << i) else end[i]
            index.append(slice(first, last, strides[i]))
        result = np.asarray(source[tuple(index)])
        if result.size:
            break
    m = ModelBuilder()
    x = m.input(shape, dtype, **affine(dtype))
    y = m.output(result.shape, dtype, **affine(dtype))
    arrays = [m.const(np.array(v, np.int32)) for v in (begin, end, strides)]
    m.op(
        "STRIDED_SLICE",
        [x, *arrays],
        [y],
        begin_mask=begin_mask,
        end_mask=end_mask,
        shrink_axis_mask=shrink,
    )
    return m


MODELS: dict[str, Callable[[Rng, str], ModelBuilder]] = {
    "pad": pad_model,
    "concatenation": concatenation_model,
    "transpose": transpose_model,
    "strided_slice": strided_slice_model,
}


def check_many(name: str, dtype: str, seeds: range) -> None:
    for seed in seeds:
        rng = np.random.default_rng(seed)
        try:
            check_op(MODELS[name](rng, dtype), 2, rng, rtol=0, atol=0)
        except (AssertionError, UnsupportedModel) as error:
            raise AssertionError(f"{name} {dtype}, seed {seed}: {error}") from error


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["int8", "float32"])
@pytest.mark.parametrize("name", MODELS)
def test_a_few_random_moves(name: str, dtype: str) -> None:
    check_many(name, dtype, range(6))


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["int8", "float32"])
@pytest.mark.parametrize("name", MODELS)
def test_many_random_moves(name: str, dtype: str) -> None:
    check_many(name, dtype, many(6, 60))


def compiled(model: ModelBuilder) -> CompiledModel:
    return compile_graph(parse_model(model.build(), name="m", where="m.tflite"))


@pytest.mark.parametrize(
    ("kind", "shape", "extra"),
    [
        ("RESHAPE", (2, 12), None),
        ("SQUEEZE", (4, 6), None),
        ("EXPAND_DIMS", (1, 1, 4, 6), np.array([0], np.int32)),
        ("TRANSPOSE", (1, 4, 6), np.array([0, 1, 2], np.int32)),
        ("PAD", (1, 4, 6), np.zeros((3, 2), np.int32)),
    ],
)
def test_what_moves_nothing_is_no_code(kind: str, shape: tuple[int, ...], extra: np.ndarray | None) -> None:
    m = ModelBuilder()
    x = m.input((1, 4, 6), "int8", scale=0.1, zero_point=0)
    y = m.output(shape, "int8", scale=0.1, zero_point=0)
    m.op(kind, [x] if extra is None else [x, m.const(extra)], [y])
    assert compiled(m).steps == ()
    check_op(m, 2, np.random.default_rng(0))


def refusal(model: ModelBuilder) -> str:
    with pytest.raises(UnsupportedModel) as caught:
        compiled(model)
    return str(caught.value)


def test_refuses_a_permutation_computed_at_run_time() -> None:
    m = ModelBuilder()
    x = m.input((2, 3), "int8", scale=0.1, zero_point=0)
    order = m.input((2,), "int32")
    m.op("TRANSPOSE", [x, order], [m.output((3, 2), "int8", scale=0.1, zero_point=0)])
    assert "permutation is computed at run time" in refusal(m)


def test_refuses_concatenation_that_would_need_rescaling() -> None:
    m = ModelBuilder()
    a = m.input((1, 2), "int8", scale=0.1, zero_point=0)
    b = m.input((1, 2), "int8", scale=0.2, zero_point=0)
    m.op("CONCATENATION", [a, b], [m.output((1, 4), "int8", scale=0.1, zero_point=0)], axis=1)
    assert "without rescaling" in refusal(m)


def test_refuses_an_ellipsis() -> None:
    m = ModelBuilder()
    x = m.input((2, 3), "float32")
    arrays = [m.const(np.array(v, np.int32)) for v in ([0, 0], [2, 3], [1, 1])]
    m.op("STRIDED_SLICE", [x, *arrays], [m.output((2, 3), "float32")], ellipsis_mask=1)
    assert "ellipsis" in refusal(m)
