"""The .tflite reader on good and bad files."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import flatbuffers
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.flatbuffer_builder import offsets, table
from support.tflite_builder import ModelBuilder
from tinykit.errors import InputError, ModelError
from tinykit.graph.macs import total_macs
from tinykit.graph.options import Activation, Conv2DOptions, Padding
from tinykit.graph.reader import parse_model, read_model
from tinykit.graph.types import DType


def conv_builder() -> ModelBuilder:
    m = ModelBuilder()
    x = m.input((1, 4, 4, 2), "int8", scale=0.5, zero_point=-3, name="image")
    w = m.const(np.ones((3, 3, 3, 2), np.int8), scale=[0.1, 0.2, 0.3], zero_point=0, axis=0)
    b = m.const(np.arange(3, dtype=np.int32), scale=0.05, zero_point=0)
    y = m.output((1, 2, 2, 3), "int8", scale=0.25, zero_point=7)
    m.op(
        "CONV_2D", [x, w, b], [y], padding="SAME", stride_h=2, stride_w=2, fused_activation_function="RELU6", version=3
    )
    return m


CONV = conv_builder().build()


def parse(data: bytes) -> object:
    return parse_model(data, name="m", where="m.tflite")


def test_values_of_a_model() -> None:
    graph = parse_model(CONV, name="m", where="m.tflite")
    (op,) = graph.ops
    assert op.kind == "CONV_2D"
    assert op.version == 3
    assert op.options == Conv2DOptions(Padding.SAME, (2, 2), (1, 1), Activation.RELU6)
    source, weights, bias = (graph.tensor(i) for i in op.inputs)
    assert (source.name, source.shape, source.dtype) == ("image", (1, 4, 4, 2), DType.INT8)
    assert source.quant is not None
    assert (float(source.quant.scale), source.quant.zero_point) == (0.5, -3)
    assert weights.quant is not None
    assert weights.quant.per_channel
    assert weights.data is not None
    assert weights.data.shape == (3, 3, 3, 2)
    assert bias.data is not None
    assert bias.data.tolist() == [0, 1, 2]
    assert total_macs(graph) == 2 * 2 * 3 * 18


def test_reads_the_reference_models(shared: Path) -> None:
    counts = {"ad01_int8": 264192, "kws_ref_model": 2656768, "vww_96_int8": 7489664, "str_ww_ref_model": 826368}
    for name, macs in counts.items():
        assert total_macs(read_model(shared / "models" / "mlperf_tiny" / f"{name}.tflite")) == macs


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such model file"):
        read_model(tmp_path / "absent.tflite")


def test_a_folder_is_not_a_model(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read"):
        read_model(tmp_path)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"TFL", "not a .tflite file"),
        (b"\x1c\0\0\0XXXX" + bytes(64), "not a .tflite file"),
        (b"\xff\xff\xff\x7fTFL3" + bytes(64), "damaged"),
        (b"\x08\0\0\0TFL3" + bytes(64), "damaged"),
        (CONV[: len(CONV) // 2], "damaged"),
    ],
    ids=["empty", "three-bytes", "wrong-identifier", "root-outside", "zeros", "half"],
)
def test_bad_files(data: bytes, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        parse(data)


def test_every_truncation_is_an_error_or_a_model() -> None:
    for length in range(len(CONV)):
        try:
            parse(CONV[:length])
        except ModelError:
            continue
        # only bytes that no table refers to (padding at the end) may be missing
        assert length > len(CONV) - 16


@given(st.lists(st.tuples(st.integers(0, len(CONV) - 1), st.integers(0, 255)), min_size=1, max_size=4))
@settings(max_examples=400, deadline=None)
def test_flipped_bytes_never_crash(changes: list[tuple[int, int]]) -> None:
    data = bytearray(CONV)
    for position, value in changes:
        data[position] = value
    with contextlib.suppress(ModelError):  # anything else fails the test
        parse(bytes(data))


def wired(**ids: list[int]) -> bytes:
    """A one-op model whose operator or graph has the given tensor ids instead of the right ones."""
    m = ModelBuilder()
    x = m.input((1, 4), "float32")
    y = m.output((1, 4), "float32")
    m.inputs = ids.get("graph_inputs", [x])
    m.outputs = ids.get("graph_outputs", [y])
    m.op("RELU", ids.get("inputs", [x]), ids.get("outputs", [y]))
    return m.build()


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        ({"inputs": [9]}, "reads tensor 9, but there are 2"),
        ({"inputs": [-7]}, "reads tensor -7"),
        ({"outputs": [9]}, "writes tensor 9"),
        ({"outputs": []}, "has no output"),
        ({"outputs": [0]}, "already has a value"),
        ({"inputs": [1]}, "before any operator wrote it"),
        ({"graph_inputs": [5]}, "model input refers to tensor 5"),
        ({"graph_outputs": [5]}, "model output refers to tensor 5"),
        ({"graph_inputs": []}, "no inputs"),
        ({"graph_outputs": []}, "no outputs"),
    ],
)
def test_wrong_wiring(ids: dict[str, list[int]], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        parse(wired(**ids))


def test_buffer_index_out_of_range() -> None:
    m = conv_builder()
    m._tensors[1].buffer = 77
    with pytest.raises(ModelError, match="refers to buffer 77"):
        parse(m.build())


def test_constant_of_the_wrong_size() -> None:
    m = conv_builder()
    m._tensors[1].shape = [3, 3, 3, 4]
    with pytest.raises(ModelError, match="needs 108 bytes and its buffer holds 54"):
        parse(m.build())


def test_scales_that_do_not_match_the_shape() -> None:
    m = conv_builder()
    m._tensors[1].quantization.scale = [0.1, 0.2]
    m._tensors[1].quantization.zeroPoint = [0, 0]
    with pytest.raises(ModelError, match="2 scales along dimension 0"):
        parse(m.build())


@pytest.mark.parametrize("scale", [float("nan"), float("inf"), -1.0])
def test_impossible_scales(scale: float) -> None:
    m = conv_builder()
    m._tensors[0].quantization.scale = [scale]
    with pytest.raises(ModelError, match="negative or not finite"):
        parse(m.build())


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no /dev/zero")
def test_a_device_that_has_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinykit.graph.reader.MAX_FILE_BYTES", 1 << 20)
    with pytest.raises(ModelError, match="larger than"):
        read_model("/dev/zero")


def test_an_absurd_shape() -> None:
    m = conv_builder()
    m._tensors[3].shape = [2**31 - 1] * 4
    with pytest.raises(ModelError, match="larger than 1 GiB"):
        parse(m.build())


def test_an_absurd_shape_of_nothing() -> None:
    m = conv_builder()
    m._tensors[3].shape = [0, 2**31 - 1, 2**31 - 1, 2**31 - 1]
    with pytest.raises(ModelError, match="larger than 1 GiB"):
        parse(m.build())


def test_a_lenient_reader_takes_what_is_only_looked_at() -> None:
    m = ModelBuilder()
    x, y = m.input((1, 4), scale=0.1, zero_point=0), m.output((1, 4), scale=0.1, zero_point=0)
    state = m.tensor((1, 4), scale=0.1, zero_point=0)  # nobody writes it
    sparse = m.const(np.ones(3, np.int8), scale=[0.1, 0.2], zero_point=0)
    m._tensors[sparse].shape = [1, 4]
    m.op("CALL_ONCE", [], [])
    m.op("ADD", [x, state], [y])
    m.op("ADD", [x, y], [state])
    with pytest.raises(ModelError):
        parse(m.build())
    graph = parse_model(m.build(), name="m", where="m", lenient=True)
    assert [op.kind for op in graph.ops] == ["CALL_ONCE", "ADD", "ADD"]
    assert graph.tensor(sparse).is_constant
    m._operators[1].inputs = [x, 99]
    with pytest.raises(ModelError, match="there are 4"):
        parse_model(m.build(), name="m", where="m", lenient=True)


def test_an_open_shape_is_known() -> None:
    m = conv_builder()
    m._tensors[0].shapeSignature = [-1, *m._tensors[0].shape[1:]]
    graph = parse(m.build())
    assert graph.tensor(0).open_shape
    assert not graph.tensor(1).open_shape


def test_an_unknown_element_type() -> None:
    m = conv_builder()
    m._tensors[0].type = 99
    with pytest.raises(ModelError, match="element type 99"):
        parse(m.build())


def sharing(count: int, name: str, length: int) -> bytes:
    """A model whose tensors are all the same table, with this name, and its operators another, with so many inputs."""
    b = flatbuffers.Builder(1024)
    tensor = table(b, {1: ("Int8", 9), 3: ("offset", b.CreateString(name))})
    inputs = b.CreateNumpyVector(np.zeros(length, np.int32))
    op = table(b, {1: ("offset", inputs), 2: ("offset", inputs)})
    ends = b.CreateNumpyVector(np.zeros(1, np.int32))
    tensors, ops = (offsets(b, [one] * count) for one in (tensor, op))
    subgraph = table(b, {0: ("offset", tensors), 1: ("offset", ends), 2: ("offset", ends), 3: ("offset", ops)})
    lists = {1: table(b, {3: ("Int32", 14)}), 2: subgraph, 4: table(b, {})}
    fields = {slot: ("offset", offsets(b, [one])) for slot, one in lists.items()}
    b.Finish(table(b, {0: ("Uint32", 3), **fields}), b"TFL3")
    return bytes(b.Output())


@pytest.mark.parametrize(("count", "name", "length"), [(4000, "n" * 400_000, 1), (2000, "n", 20_000)])
def test_a_small_file_that_says_it_is_large(count: int, name: str, length: int) -> None:
    """Read as it says, they take half a minute: each list and name again for every part that shares it."""
    began = time.perf_counter()
    with pytest.raises(ModelError, match="share their names or lists more often"):
        parse(sharing(count, name, length))
    assert time.perf_counter() - began < 5


def test_what_an_operator_outside_the_schema_brings() -> None:
    m = ModelBuilder()
    x = m.input((1, 4), "int8", scale=0.5, zero_point=0)
    m.op("CUSTOM", [x], [m.output((1, 4), "int8")], custom_code="mine", custom_options=b"\x00\xff options")
    (op,) = parse_model(m.build(), name="m", where="m.tflite").ops
    assert (op.kind, op.custom_code) == ("CUSTOM", "mine")
    assert op.custom_options is not None
    assert bytes(op.custom_options) == b"\x00\xff options"
    (builtin,) = parse_model(CONV, name="m", where="m.tflite").ops
    assert builtin.custom_options is None
