"""Reads a .tflite file into a Graph.

Slot numbers are those of the public TFLite schema (schema.fbs, file identifier "TFL3").
"""

from __future__ import annotations

import hashlib
import math
import os
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tinykit.errors import InputError, ModelError
from tinykit.graph.flatbuffer import FlatbufferError, Table
from tinykit.graph.forest import FOREST
from tinykit.graph.operators import BUILTIN_OPERATORS, CUSTOM_OPERATORS
from tinykit.graph.options_reader import read_options
from tinykit.graph.types import DType, Graph, Op, Quantization, Tensor
from tinykit.graph.validate import validate
from tinykit.text import utf8

MAX_FILE_BYTES = 1 << 30
MAX_TENSOR_BYTES = 1 << 30
_CUSTOM = BUILTIN_OPERATORS.index("CUSTOM")
_EXPECTED_EXPORT = "export the model again, or check that the download is complete"


def read_model(path: str | Path, *, lenient: bool = False) -> Graph:
    """Read the main subgraph of a .tflite file.

    Args:
        path: the file.
        lenient: as ``parse_model`` takes it.

    Returns:
        The graph, checked by ``validate``: every index is in range, every tensor is written before it is read.

    Raises:
        InputError: the file does not exist or cannot be read.
        ModelError: it is not a .tflite file, or it is damaged.
    """
    path = Path(path)
    return parse_model(read_bytes(path), name=utf8(path.stem), where=str(path), lenient=lenient)


def read_bytes(path: Path) -> bytes:
    """The contents of a model file, whatever they are.

    Raises:
        InputError: the file does not exist or cannot be read.
        ModelError: it is larger than 1 GiB.
    """
    try:
        with path.open("rb") as file:
            large = os.fstat(file.fileno()).st_size > MAX_FILE_BYTES
            data = b"" if large else file.read(MAX_FILE_BYTES + 1)  # a device or a pipe has no size
    except FileNotFoundError:
        raise InputError("no such model file", where=str(path), hint="check the path") from None
    except OSError as error:
        raise InputError("cannot read the model file", where=str(path), why=error.strerror or str(error)) from None
    if large or len(data) > MAX_FILE_BYTES:
        raise ModelError("the file is larger than 1 GiB", where=str(path), hint="give a .tflite model file")
    return data


def parse_model(data: bytes, *, name: str, where: str, lenient: bool = False) -> Graph:
    """Read a .tflite from memory. ``where`` names it in messages; see ``read_model``.

    Args:
        lenient: for those who only look at the model and never execute it. An operator may write nothing (CALL_ONCE),
            a tensor may be read that nothing wrote, or be written twice (states that old converters did not mark as
            such), scales per channel need not fit the shape, and constants in an encoding of their own (sparse ones)
            have raw bytes for ``data``. Indices are in range all the same.
    """
    if not data:
        raise ModelError("the file is empty", where=where, hint=_EXPECTED_EXPORT)
    if len(data) < 8 or data[4:8] != b"TFL3":
        found = data[4:8]
        raise ModelError(
            "not a .tflite file",
            where=where,
            why=f'bytes 4 to 7 must be "TFL3" and are {found!r}',
            hint="give a model converted to TensorFlow Lite format",
        )
    try:
        graph = _read(data, name, lenient)
    except FlatbufferError as error:
        raise ModelError("the file is damaged", where=where, why=str(error), hint=_EXPECTED_EXPORT) from None
    validate(graph, where, lenient=lenient)
    for index, subgraph in graph.subgraphs.items():
        validate(subgraph, where, lenient=lenient, subgraph=index)
    return graph


@dataclass(frozen=True)
class _OperatorCode:
    kind: str
    custom_code: str
    version: int


def _read(data: bytes, name: str, lenient: bool) -> Graph:
    model = Table.root(data)
    version = model.integer(0, "I")
    if version != 3:
        raise FlatbufferError(f"schema version {version}, expected 3")
    codes = [_operator_code(t) for t in model.tables(1)]
    subgraphs = list(model.tables(2))
    if not subgraphs:
        raise FlatbufferError("the model has no subgraph")
    buffers = [_buffer(data, t, i) for i, t in enumerate(model.tables(4))]
    whole = Graph(
        name=name,
        sha256=hashlib.sha256(data).hexdigest(),
        tensors={},
        ops=(),
        inputs=(),
        outputs=(),
        file_bytes=len(data),
        description=model.string(3),
        subgraph_count=len(subgraphs),
        metadata=tuple(t.string(0) for t in model.tables(6)),
    )
    main, *others = (_subgraph(data, whole, t, buffers, codes, lenient) for t in subgraphs)
    return replace(main, subgraphs=dict(enumerate(others, 1)))


def _subgraph(
    data: bytes, whole: Graph, t: Table, buffers: list[np.ndarray], codes: list[_OperatorCode], lenient: bool
) -> Graph:
    tensors = {i: _tensor(one, i, buffers, lenient) for i, one in enumerate(t.tables(0))}
    ops = tuple(_op(data, one, i, codes) for i, one in enumerate(t.tables(3)))
    inputs = tuple(int(i) for i in t.vector(1, np.int32))
    written = {*inputs, *(i for op in ops for i in op.outputs)}
    for i, tensor in tensors.items():
        # The buffer of a constant without elements (a list of no axes) is as empty as that of a variable.
        if tensor.size == 0 and i not in written and tensor.dtype.numpy is not None:
            tensors[i] = replace(tensor, data=np.empty(tensor.shape, tensor.dtype.numpy))
    outputs = tuple(int(i) for i in t.vector(2, np.int32))
    return replace(whole, tensors=tensors, ops=ops, inputs=inputs, outputs=outputs)


def _operator_code(t: Table) -> _OperatorCode:
    # Files older than 2020 have only the 8-bit field; newer ones put min(code, 127) there.
    number = max(t.integer(0, "b"), t.integer(3, "i"))
    known = 0 <= number < len(BUILTIN_OPERATORS)
    kind = BUILTIN_OPERATORS[number] if known else f"BUILTIN_{number}"  # of a newer schema: refused by that name
    custom = t.string(1) if number == _CUSTOM else ""
    if custom == FOREST or custom in CUSTOM_OPERATORS:  # called by its name wherever one is named
        kind, custom = custom, ""
    return _OperatorCode(kind, custom, t.integer(2, "i", 1))


def _buffer(data: bytes, t: Table, index: int) -> np.ndarray:
    return _outside(data, t, 1, f"buffer {index}", t.vector(0, np.uint8))


def _outside(data: bytes, t: Table, slot: int, what: str, inline: np.ndarray) -> np.ndarray:
    """Bytes whose offset in the file is in ``slot`` and their size in the next, or ``inline`` without them.

    Files over 2 GB, and some writers, keep bytes after the FlatBuffer; offset 1 is a placeholder for "none".
    """
    offset, size = t.integer(slot, "Q"), t.integer(slot + 1, "Q")
    if offset > 1:
        if offset + size > len(data):
            raise FlatbufferError(f"{what} lies at {offset}..{offset + size}, after the end of the file")
        return np.frombuffer(data, np.uint8, size, offset)
    return inline


def _tensor(t: Table, index: int, buffers: list[np.ndarray], lenient: bool) -> Tensor:
    shape = tuple(int(d) for d in t.vector(0, np.int32))
    name = t.string(3)
    label = f"tensor {index} ({name!r})"
    number = t.integer(1, "b")
    try:
        dtype = DType(number)
    except ValueError:
        raise FlatbufferError(f"{label} has element type {number}, which does not exist") from None
    if any(d < 0 for d in shape):
        raise FlatbufferError(f"{label} has the negative dimension {min(shape)}")
    if math.prod(d for d in shape if d) > MAX_TENSOR_BYTES:  # also where a dimension of 0 makes it empty
        raise FlatbufferError(f"{label} of shape {list(shape)} would be larger than 1 GiB")
    buffer = t.integer(2, "I")
    if buffer >= len(buffers):
        raise FlatbufferError(f"{label} refers to buffer {buffer}, but there are {len(buffers)}")
    return Tensor(
        id=index,
        name=name,
        shape=shape,
        dtype=dtype,
        quant=_quantization(t.table(4), label, shape, lenient),
        data=_constant(buffers[buffer], shape, dtype, label, lenient) if buffer else None,
        is_variable=t.boolean(5),
        open_shape=bool((t.vector(7, np.int32) < 0).any()),
    )


def _constant(raw: np.ndarray, shape: tuple[int, ...], dtype: DType, label: str, lenient: bool) -> np.ndarray | None:
    if raw.size == 0:
        return None
    if dtype.numpy is None:
        return raw  # no numpy layout (int4, strings): kept as bytes, refused when an op needs it
    expected = math.prod(shape) * dtype.numpy.itemsize
    if raw.size != expected:
        if lenient:
            return raw
        raise FlatbufferError(
            f"{label}, {dtype.label} of shape {list(shape)}, needs {expected} bytes and its buffer holds {raw.size}"
        )
    return np.frombuffer(raw.tobytes(), dtype.numpy.newbyteorder("<")).reshape(shape)


def _quantization(t: Table | None, label: str, shape: tuple[int, ...], lenient: bool) -> Quantization | None:
    if t is None:
        return None
    scales = t.vector(2, np.float32)
    if scales.size == 0:
        return None
    zero_points = t.vector(3, np.int64)
    if zero_points.size == 0:
        zero_points = np.zeros(scales.size, np.int64)
    if zero_points.size == 1 and scales.size > 1:
        zero_points = np.repeat(zero_points, scales.size)
    axis = t.integer(6, "i")
    if zero_points.size != scales.size:
        raise FlatbufferError(f"{label} has {scales.size} scales and {zero_points.size} zero points")
    if not lenient and scales.size > 1 and (not 0 <= axis < len(shape) or shape[axis] != scales.size):
        raise FlatbufferError(
            f"{label} of shape {list(shape)} has {scales.size} scales along dimension {axis}, which does not match"
        )
    if not np.all(np.isfinite(scales)) or np.any(scales < 0):
        raise FlatbufferError(f"{label} has a scale that is negative or not finite")
    return Quantization(scales, zero_points, axis if scales.size > 1 else 0)


def _op(data: bytes, t: Table, index: int, codes: list[_OperatorCode]) -> Op:
    code_index = t.integer(0, "I")
    if code_index >= len(codes):
        raise FlatbufferError(f"operator {index} refers to operator code {code_index}, but there are {len(codes)}")
    code = codes[code_index]
    custom = None
    if code.kind == "CUSTOM" or code.kind in CUSTOM_OPERATORS:
        custom = _outside(data, t, 9, f"options of operator {index}", t.vector(5, np.uint8))
    return Op(
        index=index,
        kind=code.kind,
        inputs=tuple(int(i) for i in t.vector(1, np.int32)),
        outputs=tuple(int(i) for i in t.vector(2, np.int32)),
        options=read_options(code.kind, t.table(4)),
        version=code.version,
        custom_code=code.custom_code,
        custom_options=custom,
    )
