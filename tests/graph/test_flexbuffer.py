"""Options of custom operators, written by the flatbuffers package, and hostile ones."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from flatbuffers import flexbuffers
from hypothesis import given, settings
from hypothesis import strategies as st

from support.tflite_builder import ModelBuilder
from tinykit.graph.flatbuffer import FlatbufferError
from tinykit.graph.flexbuffer import read_map
from tinykit.graph.reader import parse_model

SCALARS = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.booleans(),
    st.floats(allow_nan=False, min_value=-1e38, max_value=1e38),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=300),
)
LISTS = st.one_of(st.lists(SCALARS, max_size=5), st.lists(st.integers(-300, 70000), max_size=300))
KEYS = st.text(st.characters(codec="ascii", exclude_characters="\0"), min_size=1, max_size=20)
GIVEN: dict[str, Any] = {"y_scale": 10.0, "max_detections": 300, "fast": True, "name": "x", "weights": [1, 2, 70000]}


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(KEYS, st.one_of(SCALARS, LISTS), max_size=20))
def test_reads_what_was_written(options: dict[str, Any]) -> None:
    assert read_map(bytes(flexbuffers.Dumps(options))) == options


@pytest.mark.parametrize("vector", ["TypedVectorFromElements", "FixedTypedVectorFromElements"])
@pytest.mark.parametrize("values", [[1, 2, 3], [-1, 300], [0.5, 2.0, 3.0, 4.0]])
def test_reads_typed_lists_and_indirect_numbers(vector: str, values: list[float]) -> None:
    builder = flexbuffers.Builder()
    with builder.Map():
        builder.Key("values")
        getattr(builder, vector)(values)
        builder.Key("far")
        builder.IndirectInt(-7)
        builder.Key("near")
        builder.IndirectFloat(0.25)
        builder.Key("nothing")
        builder.Null()
    assert read_map(bytes(builder.Finish())) == {"values": values, "far": -7, "near": 0.25, "nothing": None}


@pytest.mark.parametrize("data", [b"", b"\0", b"ab", bytes(flexbuffers.Dumps([1, 2])), bytes(flexbuffers.Dumps(3))])
def test_refuses_what_is_no_map(data: bytes) -> None:
    with pytest.raises(FlatbufferError):
        read_map(data)


def test_refuses_a_map_inside() -> None:
    with pytest.raises(FlatbufferError, match="options do not have"):
        read_map(bytes(flexbuffers.Dumps({"a": {"b": 1}})))


@settings(max_examples=500, deadline=None)
@given(st.data())
def test_damaged_bytes_never_escape(data: st.DataObject) -> None:
    whole = bytearray(flexbuffers.Dumps(GIVEN))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(FlatbufferError):
        read_map(bytes(whole[data.draw(st.integers(0, 3)) :]))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=64))
def test_any_bytes_never_escape(data: bytes) -> None:
    with contextlib.suppress(FlatbufferError):
        read_map(data + b"\x24\x01")


def test_an_operator_is_called_by_its_custom_code() -> None:
    options = bytes(flexbuffers.Dumps(GIVEN))
    m = ModelBuilder()
    m.op("CUSTOM", [m.input((1, 4))], [m.output((1, 4))], custom_code="SignalWindow", custom_options=options)
    (op,) = parse_model(m.build(), name="m", where="m").ops
    assert (op.kind, op.custom_code, op.is_custom) == ("SignalWindow", "", True)
    assert op.custom_options is not None
    assert read_map(bytes(op.custom_options)) == GIVEN
