"""Reads what a compiled model holds for the Edge TPU.

The compiler puts each part of the model that the chip runs into one operator ``edgetpu-custom-op``. Its options are a
FlexBuffers map: "1" their version, "4" the package, "5" an execution preference, "6" a number for each chip that there
is a package for, "7" the packages of the second and further of them. (tflite/custom_op_data.cc of
google-coral/libedgetpu, Apache-2.0.) The package is called a string, but holds any bytes.
"""

from __future__ import annotations

from pathlib import Path

from tinykit.edgetpu.package.flexbuffer import FlexbufferError, Value, read_map
from tinykit.edgetpu.package.schema import Budget, read_package
from tinykit.edgetpu.package.types import CompiledModel, CpuOp, EdgeTpuOp, Package
from tinykit.errors import ModelError
from tinykit.graph.flatbuffer import FlatbufferError
from tinykit.graph.reader import parse_model, read_model
from tinykit.graph.types import Graph, Op
from tinykit.text import utf8

CUSTOM_OP = "edgetpu-custom-op"


def read_compiled(path: str | Path) -> CompiledModel:
    """Read a .tflite file that may be compiled for the Edge TPU.

    Raises:
        InputError: the file does not exist or cannot be read.
        ModelError: it is not a .tflite file, or it is damaged: says in which operator, package and executable.
    """
    return _compiled(read_model(path, lenient=True), utf8(str(path)))


def parse_compiled(data: bytes, *, where: str) -> CompiledModel:
    """As ``read_compiled``, from memory. ``where`` names it in messages."""
    return _compiled(parse_model(data, name=where, where=where, lenient=True), where)


def _compiled(graph: Graph, where: str) -> CompiledModel:
    budget = Budget()
    edgetpu_ops, cpu_ops = [], []
    for op in graph.ops:
        outputs = _names(graph, op.outputs)
        if op.kind != "CUSTOM" or op.custom_code != CUSTOM_OP:
            kind = f"CUSTOM {op.custom_code or op.kind}" if op.is_custom else op.kind
            cpu_ops.append(CpuOp(op.index, kind, outputs))
            continue
        try:
            version, packages = _options(op, budget)
        except (FlatbufferError, FlexbufferError) as error:
            raise ModelError(
                f"operator {op.index} ({CUSTOM_OP}) is damaged",
                where=where,
                why=str(error),
                hint="compile the model again, or check that the download is complete",
            ) from None
        edgetpu_ops.append(EdgeTpuOp(op.index, _names(graph, op.inputs), outputs, version, packages))
    return CompiledModel(
        path=where,
        sha256=graph.sha256,
        file_bytes=graph.file_bytes,
        inputs=_names(graph, graph.inputs),
        outputs=_names(graph, graph.outputs),
        edgetpu_ops=tuple(edgetpu_ops),
        cpu_ops=tuple(cpu_ops),
    )


def _options(op: Op, budget: Budget) -> tuple[int, tuple[Package, ...]]:
    """Version and packages.

    Raises:
        FlexbufferError, FlatbufferError: they are damaged; says where.
    """
    options = memoryview(b"") if op.custom_options is None else op.custom_options.data
    try:
        values = read_map(options)
        if "4" not in values:
            raise FlexbufferError("it has no package")
        raw = [values["4"].raw()]
        chips = _vector(values, "6")
        if chips:
            raw += [value.raw() for value in _vector(values, "7")]
            if len(chips) != len(raw):
                raise FlexbufferError(f"it has {len(raw)} packages for {len(chips)} chips")
        numbers = [chip.integer() for chip in chips]
        version = values["1"].integer() if "1" in values else 0
    except FlexbufferError as error:
        raise FlexbufferError(f"FlexBuffer of its options: {error}") from None
    packages = []
    for i, data in enumerate(raw):
        try:
            packages.append(read_package(data, numbers[i] if numbers else None, budget))
        except FlatbufferError as error:
            raise FlatbufferError(f"package {i}: {error}") from None
    return version, tuple(packages)


def _vector(values: dict[str, Value], key: str) -> list[Value]:
    return values[key].items() if key in values else []


def _names(graph: Graph, tensors: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(graph.tensor(i).name for i in tensors if i >= 0)
