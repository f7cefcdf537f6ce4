"""Reads a package of the Edge TPU's compiler: a FlatBuffer with the identifier "DWN1".

Written by hand after the public schema ``executable/executable.fbs`` of google-coral/libedgetpu (Apache-2.0); slot
numbers are the fields' places in its tables. No code is generated from it, and only the fields named here are read.

A package of another origin may lie: vectors may share their bytes, so that a small file says that it has millions of
layers. ``Budget`` bounds what is read of one file, whatever it says.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import numpy as np

from tinykit.edgetpu.package.types import Executable, ExecutableType, Hints, Layer, LayerType, Package
from tinykit.graph.flatbuffer import FlatbufferError, Table

IDENTIFIER = b"DWN1"
_MAX_RANK = 8  # of TensorFlow Lite's tensors
_PARAMETER = 2  # Description.BASE_ADDRESS_PARAMETER
# The union AnyHint.
_DMA, _INSTRUCTION, _INTERRUPT, _FENCE = 1, 2, 3, 4

Enum = TypeVar("Enum", ExecutableType, LayerType)


class Budget:
    """How much may be read of one file: packages of large models have some dozens of tables and 1 KB of text."""

    def __init__(self, tables: int = 10_000, text: int = 1 << 20) -> None:
        self._tables = tables
        self._text = text

    def tables(self, tables: Iterator[Table]) -> Iterator[Table]:
        """The same, as long as there is something left.

        Raises:
            FlatbufferError: there is not.
        """
        for table in tables:
            self.take_table()
            yield table

    def take_table(self) -> None:
        self._tables -= 1
        if self._tables < 0:
            raise FlatbufferError("it says that it has more parts than any compiled model has")

    def text(self, table: Table, slot: int) -> str:
        """A string field, bytes that are no UTF-8 replaced."""
        raw = table.vector(slot, np.uint8)
        self._text -= len(raw)
        if self._text < 0:
            raise FlatbufferError("it has more text than any compiled model has")
        return raw.tobytes().decode("utf-8", errors="replace")


def read_package(data: memoryview, chip_number: int | None, budget: Budget) -> Package:
    """A package, and those for single chips that a package of several chips holds.

    Args:
        data: from its first to its last byte.
        chip_number: what the operator's options say of it.

    Raises:
        FlatbufferError: it is damaged; says where.
    """
    table = _root(data, budget)
    parts = []
    for i, part in enumerate(budget.tables(table.tables(6))):
        with _within(f"package of chip {i}"):
            inner = part.vector(0, np.uint8).data
            parts.append(_package(inner, _root(inner, budget), chip_number, budget, ()))
    return _package(data, table, chip_number, budget, tuple(parts))


def _root(data: memoryview, budget: Budget) -> Table:
    if len(data) < 8 or bytes(data[4:8]) != IDENTIFIER:
        raise FlatbufferError(f'its bytes 4 to 7 must be "DWN1" and are {bytes(data[4:8])!r}')
    budget.take_table()
    return Table.root(data)


def _package(
    data: memoryview, table: Table, chip_number: int | None, budget: Budget, parts: tuple[Package, ...]
) -> Package:
    executables = []
    multi = table.vector(1, np.uint8).data
    if len(multi):
        with _within("list of executables"):
            blobs = Table.root(multi).blobs(0)
        for i, blob in enumerate(blobs):
            with _within(f"executable {i}"):
                executables.append(_executable(blob, budget))
    if not executables and not parts:
        raise FlatbufferError("it has no executable")
    return Package(
        size_bytes=len(data),
        chip_number=chip_number,
        min_runtime=table.integer(0, "i"),
        compiler=budget.text(table, 4),
        model_identifier=budget.text(table, 7),
        virtual_chip=table.integer(5, "i"),
        signed=len(table.vector(2, np.uint8)) > 0,
        keypair_version=table.integer(3, "i"),
        executables=tuple(executables),
        parts=parts,
    )


def _executable(data: memoryview, budget: Budget) -> Executable:
    budget.take_table()
    table = Table.root(data)
    streams = [len(stream.vector(0, np.uint8)) for stream in budget.tables(table.tables(5))]
    return Executable(
        type=_enum(ExecutableType, table.integer(13, "h"), "type of executable"),
        name=budget.text(table, 1),
        chip=budget.text(table, 10),
        size_bytes=len(data),
        batch=table.integer(3, "i"),
        parameter_bytes=len(table.vector(6, np.uint8)),
        instruction_bytes=sum(streams),
        instruction_chunks=len(streams),
        scratch_bytes=table.integer(4, "i"),
        narrow_bytes_per_tile=table.integer(12, "i"),
        token=table.integer(14, "Q"),
        # the 32-bit field is the older one
        estimated_cycles=table.integer(16, "q") or table.integer(11, "i"),
        parameters_in_dram=table.boolean(15),
        hints=_hints(table.table(7), budget),
        inputs=_layers(table, 8, "input", budget),
        outputs=_layers(table, 9, "output", budget),
    )


def _hints(table: Table | None, budget: Budget) -> Hints:
    counts = dict.fromkeys((_DMA, _INSTRUCTION, _INTERRUPT, _FENCE), 0)
    parameter_bytes = 0
    for hint in budget.tables(table.tables(0)) if table is not None else ():
        kind = hint.integer(0, "B")
        if kind not in counts:
            raise FlatbufferError(f"hint of kind {kind}, which does not exist")
        counts[kind] += 1
        transfer = hint.table(1)
        meta = transfer.table(0) if kind == _DMA and transfer is not None else None
        if transfer is not None and meta is not None and meta.integer(0, "h") == _PARAMETER:
            parameter_bytes += transfer.integer(2, "i")
    return Hints(counts[_INSTRUCTION], counts[_DMA], counts[_INTERRUPT], counts[_FENCE], parameter_bytes)


def _layers(table: Table, slot: int, what: str, budget: Budget) -> tuple[Layer, ...]:
    layers = []
    for i, layer in enumerate(budget.tables(table.tables(slot))):
        with _within(f"{what} {i}"):
            layers.append(_layer(layer, budget))
    return tuple(layers)


def _layer(table: Table, budget: Budget) -> Layer:
    numerics = table.table(5)
    scale = float(numerics.scalar(1, "f", 0.0)) if numerics is not None else 0.0
    if not math.isfinite(scale):
        raise FlatbufferError(f"its dequantization factor is {scale}")
    return Layer(
        name=budget.text(table, 0),
        y=table.integer(2, "i"),
        x=table.integer(3, "i"),
        z=table.integer(4, "i"),
        dimensions=_dimensions(table.table(11)),
        size_bytes=table.integer(1, "i"),
        zero_point=numerics.integer(0, "i") if numerics is not None else 0,
        scale=scale,
        dtype=_enum(LayerType, table.integer(6, "h"), "element type"),
        executions=table.integer(9, "i", 1),
    )


def _dimensions(shape: Table | None) -> tuple[int, ...]:
    """Lengths of the index ranges of a TensorShape, whose vector is of structs of two int32: first and last index."""
    if shape is None:
        return ()
    ranges = shape.vector(0, np.int64)
    if len(ranges) > _MAX_RANK:
        raise FlatbufferError(f"it has {len(ranges)} dimensions")
    pairs = ranges.view("<i4").reshape(-1, 2)
    return tuple(int(last) - int(first) + 1 for first, last in pairs)


def _enum(kind: type[Enum], number: int, what: str) -> Enum:
    try:
        return kind(number)
    except ValueError:
        raise FlatbufferError(f"{what} {number} does not exist") from None


@contextmanager
def _within(what: str) -> Iterator[None]:
    """Say of what is damaged inside that it is in ``what``."""
    try:
        yield
    except FlatbufferError as error:
        raise FlatbufferError(f"{what}: {error}") from None
