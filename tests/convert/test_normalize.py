"""Open shapes are closed, constants folded, names made unique; what nothing can help is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from support.tflite_builder import ModelBuilder
from tinykit.convert.interpreter import run_all
from tinykit.convert.normalize import normalize
from tinykit.convert.writer import pack, unpack
from tinykit.errors import InputError, ModelError, UnsupportedModel
from tinykit.graph.reader import parse_model


def dense(m: ModelBuilder, x: int, y: int, weights: np.ndarray) -> None:
    m.op("FULLY_CONNECTED", [x, m.const(weights.astype(np.float32)), None], [y])


def plain(weights: Any = None) -> bytes:
    m = ModelBuilder()
    dense(m, m.input((1, 4), "float32"), m.output((1, 2), "float32"), np.ones((2, 4)) if weights is None else weights)
    return m.build()


def flatten_of_the_batch(signature: list[int]) -> bytes:
    """(N, 2, 3) flattened as Keras does: RESHAPE to PACK(STRIDED_SLICE(SHAPE(x)), 6), then a dense layer."""
    m = ModelBuilder()
    x, y = m.input((1, 2, 3), "float32"), m.output((1, 2), "float32")
    shape, batch, both, flat = m.tensor((3,), "int32"), m.tensor((), "int32"), m.tensor((2,), "int32"), -1
    m.op("SHAPE", [x], [shape], out_type=2)  # int32
    ends = [m.const(np.array([v], np.int32)) for v in (0, 1, 1)]
    m.op("STRIDED_SLICE", [shape, *ends], [batch], shrink_axis_mask=1)
    m.op("PACK", [batch, m.const(np.array(6, np.int32))], [both], values_count=2)
    flat = m.tensor((1, 6), "float32")
    m.op("RESHAPE", [x, both], [flat])
    dense(m, flat, y, np.arange(12).reshape(2, 6))
    model = unpack(m.build())
    model.subgraphs[0].tensors[x].shapeSignature = signature
    return pack(model)


def test_the_computation_of_shapes_is_folded() -> None:
    result = normalize(flatten_of_the_batch([-1, 2, 3]), "m")
    graph = parse_model(result, name="m", where="m")
    assert [op.kind for op in graph.ops] == ["RESHAPE", "FULLY_CONNECTED"]
    value = run_all(result, [np.arange(6, dtype=np.float32).reshape(1, 1, 2, 3)], "m")[0]
    assert value.tolist() == [[[55, 145]]]


def test_open_shapes_need_to_be_given() -> None:
    data = flatten_of_the_batch([-1, -1, 3])
    with pytest.raises(InputError, match=r"open shape \[\?, \?, 3\]") as caught:
        normalize(data, "m")
    assert "--input-shape 1,N,3" in str(caught.value.hint)
    for shape in ((1, 2, 3), (2, 3)):
        assert parse_model(normalize(data, "m", [shape]), name="m", where="m").tensor(0).shape == (1, 2, 3)
    for bad in ((1, 2, 4), (1, 2), (1, 1, 2, 3)):
        with pytest.raises(InputError, match="does not fit"):
            normalize(data, "m", [bad] if bad != (1, 2) else [(2, 4)])
    with pytest.raises(InputError, match="2 input shapes given"):
        normalize(data, "m", [(1, 2, 3)] * 2)


def test_names_differ() -> None:
    model = unpack(plain())
    for tensor in model.subgraphs[0].tensors:
        tensor.name = b"same\x1b[31m"
    graph = parse_model(normalize(pack(model), "m"), name="m", where="m")
    names = [t.name for t in graph.tensors.values()]
    assert len(set(names)) == len(names)
    assert all(name.isprintable() for name in names)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_weights_that_are_not_finite(bad: float) -> None:
    weights = np.ones((2, 4))
    weights[1, 2] = bad
    with pytest.raises(ModelError, match="not finite"):
        normalize(plain(weights), "m")


def test_quantized_models_are_refused() -> None:
    m = ModelBuilder()
    x = m.input((1, 4), "int8", scale=0.1, zero_point=0)
    m.op("RELU", [x], [m.output((1, 4), "int8", scale=0.1, zero_point=0)])
    with pytest.raises(InputError, match="quantized already"):
        normalize(m.build(), "m")


def test_custom_operators_are_named() -> None:
    m = ModelBuilder()
    m.op("CUSTOM", [m.input((1, 4), "float32")], [m.output((1, 4), "float32")], custom_code="FlexErf")
    with pytest.raises(UnsupportedModel, match="FlexErf"):
        normalize(m.build(), "m")


@pytest.mark.parametrize("size", [0, 7, 100, 400])
def test_truncated_files(size: int) -> None:
    with pytest.raises(ModelError):
        normalize(plain()[:size], "m")
