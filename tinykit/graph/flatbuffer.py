"""Bounds-checked access to FlatBuffers tables.

The format is described in the FlatBuffers project's "FlatBuffer Internals": little-endian, tables point back to a
vtable of 16-bit field offsets, vectors and strings are length-prefixed and reached through 32-bit forward offsets.
Every read checks that it stays inside the file, so a truncated or lying file ends in ``FlatbufferError`` and never
in an over-read. Parts may share their bytes, so a small file can say that it has any number of long names and lists;
what is read of them is bounded as well. Nothing here knows the TFLite schema.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np


class FlatbufferError(Exception):
    """The bytes are not a valid FlatBuffer; the text says what was read and where."""


class Allowance:
    """How many bytes of strings and lists may be read of a buffer: more than it has, as writers may share some."""

    def __init__(self, data: bytes | memoryview) -> None:
        self._left = 4 * len(data) + (1 << 20)

    def spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise FlatbufferError("its parts share their names or lists more often than those of any model do")


class Table:
    """A table at a byte position of a buffer. Fields are addressed by their slot number in the schema."""

    def __init__(self, data: bytes | memoryview, position: int, allowance: Allowance | None = None) -> None:
        self._data = data
        self._allowance = allowance or Allowance(data)
        self._pos = position
        vtable_distance = self._read("<i", position, "table")
        vtable = position - vtable_distance
        vtable_size = self._read("<H", vtable, "vtable")
        if vtable_size < 4 or vtable_size % 2 or vtable + vtable_size > len(data):
            raise FlatbufferError(f"vtable of {vtable_size} bytes at offset {vtable} is not valid")
        self._vtable = vtable
        self._slots = (vtable_size - 4) // 2

    @classmethod
    def root(cls, data: bytes | memoryview) -> Table:
        """The root table of a buffer."""
        if len(data) < 8:
            raise FlatbufferError(f"{len(data)} bytes are too few for a FlatBuffer")
        (offset,) = struct.unpack_from("<I", data, 0)
        return cls(data, offset)

    def scalar(self, slot: int, fmt: str, default: int | float) -> int | float:
        """A scalar field read with a ``struct`` format character such as "i" (int32) or "f" (float32)."""
        position = self._field(slot)
        if position is None:
            return default
        value: int | float = self._read("<" + fmt, position, f"field {slot}")
        return value

    def integer(self, slot: int, fmt: str, default: int = 0) -> int:
        return int(self.scalar(slot, fmt, default))

    def boolean(self, slot: int, default: bool = False) -> bool:
        return bool(self.scalar(slot, "B", int(default)))

    def string(self, slot: int) -> str:
        """A string field; undecodable bytes are replaced, an absent string is empty."""
        text = self.vector(slot, np.uint8)
        self._allowance.spend(len(text))
        return bytes(text).decode("utf-8", errors="replace")

    def vector(self, slot: int, dtype: type[np.generic]) -> np.ndarray:
        """A vector of scalars as a read-only array that views the file; empty when absent."""
        place = self._vector(slot, np.dtype(dtype).itemsize)
        if place is None:
            return np.empty(0, dtype)
        start, count = place
        if dtype is not np.uint8:  # lists, which are gone through; bytes stay where they are
            self._allowance.spend(count * np.dtype(dtype).itemsize)
        return np.frombuffer(self._data, np.dtype(dtype).newbyteorder("<"), count, start)

    def has(self, slot: int) -> bool:
        return self._field(slot) is not None

    def table(self, slot: int) -> Table | None:
        position = self._field(slot)
        if position is None:
            return None
        return Table(self._data, position + self._read("<I", position, f"field {slot}"), self._allowance)

    def tables(self, slot: int) -> Iterator[Table]:
        """The tables of a vector of tables."""
        for _, begin in self._elements(slot):
            yield Table(self._data, begin, self._allowance)

    def blobs(self, slot: int) -> Iterator[memoryview]:
        """The bytes of a vector of strings, each as a view of the file."""
        for i, begin in self._elements(slot):
            size = self._read("<I", begin, f"length of element {i} of field {slot}")
            end = begin + 4 + size
            if end > len(self._data):
                raise FlatbufferError(
                    f"element {i} of field {slot}, {size} bytes at offset {begin}, ends {end - len(self._data)} bytes "
                    "after the file"
                )
            yield memoryview(self._data)[begin + 4 : end]

    def _elements(self, slot: int) -> Iterator[tuple[int, int]]:
        """Numbers and offsets of what a vector points to."""
        place = self._vector(slot, 4)
        if place is None:
            return
        start, count = place
        for i in range(count):
            at = start + 4 * i
            yield i, at + self._read("<I", at, f"element {i} of field {slot}")

    def _field(self, slot: int) -> int | None:
        if slot >= self._slots:
            return None
        offset = self._read("<H", self._vtable + 4 + 2 * slot, "vtable entry")
        return self._pos + offset if offset else None

    def _vector(self, slot: int, item_size: int) -> tuple[int, int] | None:
        position = self._field(slot)
        if position is None:
            return None
        start = position + self._read("<I", position, f"field {slot}")
        count = self._read("<I", start, f"length of field {slot}")
        end = start + 4 + count * item_size
        if end > len(self._data):
            raise FlatbufferError(
                f"a vector of {count} x {item_size} bytes at offset {start} ends "
                f"{end - len(self._data)} bytes after the file"
            )
        return start + 4, count

    def _read(self, fmt: str, position: int, what: str) -> int:
        size = struct.calcsize(fmt)
        if position < 0 or position + size > len(self._data):
            raise FlatbufferError(f"{what} lies at offset {position}, outside of the file's {len(self._data)} bytes")
        value: int = struct.unpack_from(fmt, self._data, position)[0]
        return value
