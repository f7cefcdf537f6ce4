"""Operators that move data, where TFLite-Micro gives no answer: against NumPy. ``tests/proof`` holds the rest to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from support.check import check_op, random_inputs
from support.native import run_compiled
from support.tflite_builder import ModelBuilder
from tinykit.compiler import CompiledModel, compile_graph
from tinykit.errors import UnsupportedModel
from tinykit.graph.reader import parse_model

TYPES = ("int8", "int16", "float32", "int32", "int64", "uint8", "bool")


def affine(dtype: str) -> dict[str, float]:
    return {"scale": 0.05, "zero_point": 0} if dtype in ("int8", "int16", "uint8") else {}


def ints(model: ModelBuilder, *numbers: int) -> int:
    return model.const(np.array(numbers, np.int32))


def compiled(model: ModelBuilder) -> CompiledModel:
    return compile_graph(parse_model(model.build(), name="m", where="m.tflite"))


def refusal(model: ModelBuilder) -> str:
    with pytest.raises(UnsupportedModel) as caught:
        compiled(model)
    return str(caught.value)


def run(model: ModelBuilder, *inputs: np.ndarray) -> list[np.ndarray]:
    """Outputs of one run."""
    return [output[0] for output in run_compiled(model.build(), [values[None] for values in inputs])]


Reference = Callable[[np.ndarray], Sequence[np.ndarray]]
Add = Callable[[ModelBuilder, int, list[int]], None]
SHAPE = (2, 4, 4, 8)


def rearranged(x: np.ndarray, block: int, order: Sequence[int]) -> np.ndarray:
    """Blocks of the first dimension or of rows and columns, in another order."""
    parts = x.reshape(2, 4 // block, block, 4 // block, block, 8)
    return np.transpose(parts, order)


MOVERS: dict[str, tuple[Reference, Add]] = {
    "BATCH_TO_SPACE_ND": (
        lambda x: [x.reshape(2, 1, 4, 4, 8).transpose(1, 2, 0, 3, 4).reshape(1, 8, 4, 8)[:, 1:]],
        lambda m, x, y: m.op("BATCH_TO_SPACE_ND", [x, ints(m, 2, 1), m.const(np.array([[1, 0], [0, 0]], np.int32))], y),
    ),
    "SPACE_TO_BATCH_ND": (
        lambda x: [np.concatenate([np.pad(x, ((0, 0), (2, 0), (0, 0), (0, 0)))[:, i::2] for i in range(2)])],
        lambda m, x, y: m.op("SPACE_TO_BATCH_ND", [x, ints(m, 2, 1), m.const(np.array([[2, 0], [0, 0]], np.int32))], y),
    ),
    "CONCATENATION": (
        lambda x: [np.concatenate([x, x], 2)],
        lambda m, x, y: m.op("CONCATENATION", [x, x], y, axis=2),
    ),
    "DEPTH_TO_SPACE": (
        lambda x: [x.reshape(2, 4, 4, 2, 2, 2).transpose(0, 1, 3, 2, 4, 5).reshape(2, 8, 8, 2)],
        lambda m, x, y: m.op("DEPTH_TO_SPACE", [x], y, block_size=2),
    ),
    "SPACE_TO_DEPTH": (
        lambda x: [rearranged(x, 2, (0, 1, 3, 2, 4, 5)).reshape(2, 2, 2, 32)],
        lambda m, x, y: m.op("SPACE_TO_DEPTH", [x], y, block_size=2),
    ),
    "EXPAND_DIMS": (lambda x: [x[:, None]], lambda m, x, y: m.op("EXPAND_DIMS", [x, ints(m, 1)], y)),
    "GATHER": (
        lambda x: [np.take(x, [3, 0], 1)],
        lambda m, x, y: m.op("GATHER", [x, ints(m, 3, 0)], y, axis=1),
    ),
    "GATHER_ND": (
        lambda x: [x[[1, 0], [2, 3]]],
        lambda m, x, y: m.op("GATHER_ND", [x, m.const(np.array([[1, 2], [0, 3]], np.int32))], y),
    ),
    "EMBEDDING_LOOKUP": (
        lambda x: [x[[1, 1, 0]]],
        lambda m, x, y: m.op("EMBEDDING_LOOKUP", [ints(m, 1, 1, 0), x], y),
    ),
    "MIRROR_PAD": (
        lambda x: [np.pad(x, ((1, 1), (0, 0), (2, 3), (0, 0)), "reflect")],
        lambda m, x, y: m.op(
            "MIRROR_PAD", [x, m.const(np.array([[1, 1], [0, 0], [2, 3], [0, 0]], np.int32))], y, mode="REFLECT"
        ),
    ),
    "PACK": (lambda x: [np.stack([x, x], 3)], lambda m, x, y: m.op("PACK", [x, x], y, axis=3, values_count=2)),
    "UNPACK": (
        lambda x: [x[:, :, i] for i in range(4)],
        lambda m, x, y: m.op("UNPACK", [x], y, axis=2, num=4),
    ),
    "SPLIT": (
        lambda x: np.split(x, 4, 3),
        lambda m, x, y: m.op("SPLIT", [ints(m, 3), x], y, num_splits=4),
    ),
    "SPLIT_V": (
        lambda x: np.split(x, [1, 6], 3),
        lambda m, x, y: m.op("SPLIT_V", [x, ints(m, 1, 5, 2), ints(m, 3)], y, num_splits=3),
    ),
    "PAD": (
        lambda x: [np.pad(x, ((0, 1), (0, 0), (2, 3), (0, 0)))],
        lambda m, x, y: m.op("PAD", [x, m.const(np.array([[0, 1], [0, 0], [2, 3], [0, 0]], np.int64))], y),
    ),
    "REVERSE_V2": (
        lambda x: [x[:, ::-1, :, ::-1]],
        lambda m, x, y: m.op("REVERSE_V2", [x, ints(m, 1, -1)], y),
    ),
    "SLICE": (
        lambda x: [x[1:, 1:3, 2:, :5]],
        lambda m, x, y: m.op("SLICE", [x, ints(m, 1, 1, 2, 0), ints(m, -1, 2, -1, 5)], y),
    ),
    "STRIDED_SLICE": (
        lambda x: [x[:, 1, ::-2]],
        lambda m, x, y: m.op(
            "STRIDED_SLICE",
            [x, ints(m, 0, 1, 0), ints(m, 2, 2, 0), ints(m, 1, 1, -2)],
            y,
            begin_mask=4,
            end_mask=4,
            shrink_axis_mask=2,
        ),
    ),
    "TRANSPOSE": (
        lambda x: [x.transpose(2, 0, 3, 1)],
        lambda m, x, y: m.op("TRANSPOSE", [x, ints(m, 2, 0, 3, 1)], y),
    ),
}


@pytest.mark.parametrize("kind", MOVERS)
def test_every_type(kind: str) -> None:
    reference, add = MOVERS[kind]
    model = ModelBuilder()
    for dtype in TYPES:
        parts = reference(np.zeros(SHAPE))
        source = model.input(SHAPE, dtype, **affine(dtype))
        add(model, source, [model.output(part.shape, dtype, **affine(dtype)) for part in parts])
    inputs = random_inputs(model.build(), 1, np.random.default_rng(0))
    expected = [part for values in inputs for part in reference(values[0])]
    for number, (want, have) in enumerate(zip(expected, run(model, *(v[0] for v in inputs)), strict=True)):
        np.testing.assert_array_equal(have, want, err_msg=f"output {number}", strict=True)


@pytest.mark.parametrize("dtype", TYPES)
def test_a_computed_padding_value(dtype: str) -> None:
    m = ModelBuilder()
    x, value = m.input((3, 2), dtype, **affine(dtype)), m.input((1,), dtype, **affine(dtype))
    y = m.output((4, 4), dtype, **affine(dtype))
    m.op("PADV2", [x, m.const(np.array([[1, 0], [1, 1]], np.int32)), value], [y])
    values, fill = np.ones((3, 2), dtype), np.array([1], dtype)
    want = np.pad(values, ((1, 0), (1, 1)), constant_values=1)
    np.testing.assert_array_equal(run(m, values, fill)[0], want, strict=True)


def test_an_int64_constant_as_padding_value() -> None:
    m = ModelBuilder()
    x, value = m.input((2,), "int64"), m.const(np.array([1 << 40], np.int64))
    m.op("PADV2", [x, m.const(np.array([[1, 1]], np.int32)), value], [m.output((4,), "int64")])
    assert run(m, np.array([5, 6], np.int64))[0].tolist() == [1 << 40, 5, 6, 1 << 40]


@pytest.mark.parametrize(
    ("index", "numbers", "masks"),
    [
        (np.s_[..., 1:3], ((0, 1), (0, 3), (1, 1)), {"ellipsis_mask": 1}),
        (np.s_[1, ..., 2], ((1, 0, 2), (0, 0, 0), (1, 1, 1)), {"ellipsis_mask": 2, "shrink_axis_mask": 5}),
        (np.s_[:, None, 1:], ((0, 0, 1), (0, 0, 0), (1, 1, 1)), {"new_axis_mask": 2, "begin_mask": 1, "end_mask": 5}),
        (np.s_[1:], ((1,), (0,), (1,)), {"end_mask": 1}),
        (np.s_[0:2, 1:3], ((0, 1), (2, 2), (1, 1)), {"offset": True}),
        (np.s_[..., None], ((0, 0), (0, 0), (1, 1)), {"ellipsis_mask": 1, "new_axis_mask": 2}),
    ],
)
def test_slices_that_tflite_micro_does_not_take(
    index: tuple[object, ...], numbers: Sequence[Sequence[int]], masks: dict[str, int]
) -> None:
    values = np.arange(2 * 3 * 4, dtype=np.float32).reshape(2, 3, 4)
    want = values[index]  # type: ignore[index]
    m = ModelBuilder()
    x = m.input(values.shape, "float32")
    m.op("STRIDED_SLICE", [x, *(ints(m, *n) for n in numbers)], [m.output(want.shape, "float32")], **masks)
    np.testing.assert_array_equal(run(m, values)[0], want, strict=True)


def test_refuses_a_mask_that_tflite_micro_overlooks_with_another_result() -> None:
    m = ModelBuilder()
    x = m.input((2, 3), "float32")
    arrays = [ints(m, 1, 0), ints(m, -3, 3), ints(m, -1, 1)]
    m.op("STRIDED_SLICE", [x, *arrays], [m.output((2, 3), "float32")], ellipsis_mask=1)
    assert "overlooks its ellipsis" in refusal(m)


def test_positions_outside_give_zeros() -> None:
    m = ModelBuilder()
    x, table = m.input((3, 2), "int16", scale=1.0, zero_point=0), m.input((3, 2), "int8", scale=0.5, zero_point=0)
    at, tuples = m.input((4,), "int32"), m.input((4, 2), "int32")
    m.op("GATHER", [x, at], [m.output((4, 2), "int16", scale=1.0, zero_point=0)], axis=0)
    m.op("GATHER_ND", [x, tuples], [m.output((4,), "int16", scale=1.0, zero_point=0)])
    m.op("EMBEDDING_LOOKUP", [at, table], [m.output((4, 2), "float32")])
    values = np.arange(1, 7).reshape(3, 2)
    least, most = np.iinfo(np.int32).min, np.iinfo(np.int32).max
    positions = np.array([2, 3, -1, least], np.int32)
    indices = np.array([[2, 1], [2, 2], [-1, 1], [most, most]], np.int32)
    gathered, single, looked_up = run(m, values.astype(np.int16), values.astype(np.int8), positions, indices)
    assert gathered.tolist() == [[5, 6], [0, 0], [0, 0], [0, 0]]
    assert single.tolist() == [6, 0, 0, 0]
    assert looked_up.tolist() == [[2.5, 3.0], [0, 0], [0, 0], [0, 0]]


@pytest.mark.parametrize("dtype", ["int32", "int64"])
def test_a_computed_slice_that_is_none_gives_zeros(dtype: str) -> None:
    m = ModelBuilder()
    x = m.input((3, 4), "int16", scale=1.0, zero_point=0)
    begin, size = m.input((2,), dtype), m.input((2,), dtype)
    m.op("SLICE", [x, begin, size], [m.output((2, 3), "int16", scale=1.0, zero_point=0)])
    values = np.arange(1, 13, dtype=np.int16).reshape(3, 4)
    cases = [
        ((1, 1), (2, 3)),
        ((1, 1), (-1, -1)),
        ((2, 1), (2, 3)),
        ((-1, 0), (2, 3)),
        ((0, 0), (2, 4)),
        ((0, 0), (-2, 3)),
    ]
    fed = [np.stack([values] * len(cases)), *(np.array(column, dtype) for column in zip(*cases, strict=True))]
    got = run_compiled(m.build(), fed)[0]
    for have, want in zip(got, [values[1:, 1:]] * 2 + [np.zeros((2, 3), np.int16)] * 4, strict=True):
        np.testing.assert_array_equal(have, want, strict=True)


def test_what_nothing_reads_is_not_copied() -> None:
    m = ModelBuilder()
    x = m.input((6, 2), "float32")
    parts = [m.tensor((2, 2), "float32"), m.output((2, 2), "float32"), m.tensor((2, 2), "float32")]
    m.op("SPLIT", [ints(m, 0), x], parts, num_splits=3)
    assert len(compiled(m).steps[0].calls) == 1
    check_op(m, 2, np.random.default_rng(0), rtol=0, atol=0)


def test_what_computes_the_shape_of_a_reshape_costs_nothing() -> None:
    m = ModelBuilder()
    x = m.input((2, 6), "float32")
    shape, half, wanted = m.tensor((2,), "int32"), m.tensor((1,), "int32"), m.tensor((2,), "int32")
    m.op("SHAPE", [x], [shape], out_type="INT32")
    m.op("STRIDED_SLICE", [shape, ints(m, 0), ints(m, 1), ints(m, 1)], [half])
    m.op("CONCATENATION", [half, ints(m, 6)], [wanted], axis=0)
    m.op("RESHAPE", [x, wanted], [m.output((3, 4), "float32")], new_shape=[3, 4])
    assert compiled(m).steps == ()
    check_op(m, 2, np.random.default_rng(0), rtol=0, atol=0)


@pytest.mark.parametrize(
    ("kind", "shape", "extra"),
    [
        ("RESHAPE", (2, 12), None),
        ("SQUEEZE", (4, 6), None),
        ("EXPAND_DIMS", (1, 1, 4, 6), np.array([0], np.int32)),
        ("TRANSPOSE", (1, 4, 6), np.array([0, 1, 2], np.int32)),
        ("PAD", (1, 4, 6), np.zeros((3, 2), np.int32)),
        ("REVERSE_V2", (1, 4, 6), np.array([0], np.int32)),
    ],
)
def test_what_moves_nothing_is_no_code(kind: str, shape: tuple[int, ...], extra: np.ndarray | None) -> None:
    m = ModelBuilder()
    x = m.input((1, 4, 6), "int8", scale=0.1, zero_point=0)
    y = m.output(shape, "int8", scale=0.1, zero_point=0)
    m.op(kind, [x] if extra is None else [x, m.const(extra)], [y])
    assert compiled(m).steps == ()
    check_op(m, 2, np.random.default_rng(0))


def test_refuses_what_is_computed_at_run_time() -> None:
    m = ModelBuilder()
    x = m.input((2, 3), "int8", scale=0.1, zero_point=0)
    order = m.input((2,), "int32")
    m.op("TRANSPOSE", [x, order], [m.output((3, 2), "int8", scale=0.1, zero_point=0)])
    m.op("REVERSE_V2", [x, order], [m.output((2, 3), "int8", scale=0.1, zero_point=0)])
    assert "permutation is computed at run time" in refusal(m)
    assert "list of axes is computed at run time" in refusal(m)


def test_refuses_concatenation_that_would_need_rescaling() -> None:
    m = ModelBuilder()
    a = m.input((1, 2), "int8", scale=0.1, zero_point=0)
    b = m.input((1, 2), "int8", scale=0.2, zero_point=0)
    m.op("CONCATENATION", [a, b], [m.output((1, 4), "int8", scale=0.1, zero_point=0)], axis=1)
    assert "another scale or zero point than the output" in refusal(m)


def test_refuses_more_before_the_beginning_than_there_is_to_mirror() -> None:
    m = ModelBuilder()
    x = m.input((3,), "float32")
    amounts = m.const(np.array([[3, 0]], np.int32))
    m.op("MIRROR_PAD", [x, amounts], [m.output((6,), "float32")], mode="REFLECT")
    assert "mirrors 3 of 3" in refusal(m)
