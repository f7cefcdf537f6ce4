"""Bounds-checked access to FlexBuffers maps.

The format is described in the FlatBuffers project's "FlexBuffers" page: values of 1, 2, 4 or 8 bytes, little-endian;
offsets go backwards; a vector's length stands before it, a map's keys are a vector of their own. The root is read from
the end. Values are read when they are asked for, one level at a time, so a buffer that refers to itself cannot make
this loop or recurse. Nothing here knows what is in the map.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

MAX_ELEMENTS = 256
"""Of a map or vector; a compiled model's have at most a handful."""
MAX_KEY = 64
"""Bytes of a key, its end included."""

# Type numbers of the format.
_INT, _UINT, _STRING, _INDIRECT_INT, _INDIRECT_UINT = 1, 2, 5, 6, 7
_MAP, _VECTOR, _VECTOR_INT, _VECTOR_UINT, _VECTOR_STRING = 9, 10, 11, 12, 15
_BLOB, _BOOL = 25, 26
_TYPED = {_VECTOR_INT: _INT, _VECTOR_UINT: _UINT, _VECTOR_STRING: _STRING}
_SIGNED = {1: "<b", 2: "<h", 4: "<i", 8: "<q"}
_UNSIGNED = {1: "<B", 2: "<H", 4: "<I", 8: "<Q"}


class FlexbufferError(Exception):
    """The bytes are not a valid FlexBuffer; the text says what was read and where."""


@dataclass(frozen=True)
class Value:
    """One value that was not read yet.

    Attributes:
        position: where it, or its offset, is; ``width``: bytes that this takes there.
        kind: the format's type number; ``child``: bytes of a length or element at the offset's end.
    """

    data: memoryview
    position: int
    width: int
    kind: int
    child: int

    def integer(self) -> int:
        """An integer of any width.

        Raises:
            FlexbufferError: it is something else, or lies outside the buffer.
        """
        if self.kind in (_INT, _UINT, _BOOL):
            return _read(self.data, self.position, self.width, signed=self.kind == _INT)
        if self.kind in (_INDIRECT_INT, _INDIRECT_UINT):
            return _read(self.data, self._target(), self.child, signed=self.kind == _INDIRECT_INT)
        raise FlexbufferError(f"the value at offset {self.position} is of type {self.kind}, not an integer")

    def raw(self) -> memoryview:
        """The bytes of a string or blob, whatever they hold.

        Raises:
            FlexbufferError: it is something else, or lies outside the buffer.
        """
        if self.kind not in (_STRING, _BLOB):
            raise FlexbufferError(f"the value at offset {self.position} is of type {self.kind}, not a string")
        start = self._target()
        size = _read(self.data, start - self.child, self.child)
        if size > len(self.data) - start:
            raise FlexbufferError(
                f"a string of {size} bytes at offset {start} ends {start + size - len(self.data)} bytes after "
                "the buffer"
            )
        return self.data[start : start + size]

    def items(self) -> list[Value]:
        """The elements of a vector.

        Raises:
            FlexbufferError: it is something else, too long, or lies outside the buffer.
        """
        if self.kind not in (_VECTOR, *_TYPED):
            raise FlexbufferError(f"the value at offset {self.position} is of type {self.kind}, not a vector")
        start = self._target()
        count = _count(self.data, start, self.child, "vector")
        if self.kind == _VECTOR:
            return _values(self.data, start, count, self.child)
        # A typed vector does not say the width of its strings' lengths: the format fixes it to one byte.
        kind = _TYPED[self.kind]
        return [Value(self.data, start + i * self.child, self.child, kind, 1) for i in range(count)]

    def _target(self) -> int:
        return _follow(self.data, self.position, self.width)


def read_map(data: memoryview) -> dict[str, Value]:
    """The root, which has to be a map, by its keys (ASCII; other bytes are replaced).

    Raises:
        FlexbufferError: it is no map, too large, or damaged.
    """
    if len(data) < 3:
        raise FlexbufferError(f"{len(data)} bytes are too few for a FlexBuffer")
    width, packed = data[-1], data[-2]
    if width not in _UNSIGNED:
        raise FlexbufferError(f"its root is {width} bytes wide")
    kind, child = packed >> 2, 1 << (packed & 3)
    if kind != _MAP:
        raise FlexbufferError(f"its root is of type {kind}, not a map")
    start = _follow(data, len(data) - 2 - width, width)
    count = _count(data, start, child, "map")
    keys = _follow(data, start - 3 * child, child)
    key_width = _read(data, start - 2 * child, child)
    if key_width not in _UNSIGNED:
        raise FlexbufferError(f"the map's keys are {key_width} bytes wide")
    if _count(data, keys, key_width, "vector of keys") != count:
        raise FlexbufferError("the map has not as many keys as values")
    values = _values(data, start, count, child)
    return {_key(data, keys + i * key_width, key_width): value for i, value in enumerate(values)}


def _values(data: memoryview, start: int, count: int, width: int) -> list[Value]:
    """Values with their types, which stand after the last of them."""
    types = start + count * width
    packed = [_read(data, types + i, 1) for i in range(count)]
    return [Value(data, start + i * width, width, p >> 2, 1 << (p & 3)) for i, p in enumerate(packed)]


def _key(data: memoryview, position: int, width: int) -> str:
    start = _follow(data, position, width)
    text = bytes(data[start : start + MAX_KEY])
    end = text.find(b"\0")
    if end < 0:
        raise FlexbufferError(f"the key at offset {start} has no end within {MAX_KEY} bytes")
    return text[:end].decode("ascii", errors="replace")


def _count(data: memoryview, start: int, width: int, what: str) -> int:
    count = _read(data, start - width, width)
    if count > MAX_ELEMENTS:
        raise FlexbufferError(f"a {what} at offset {start} says that it has {count} elements")
    return count


def _follow(data: memoryview, position: int, width: int) -> int:
    """Where an offset leads: backwards from where it is."""
    distance = _read(data, position, width)
    if distance > position:
        raise FlexbufferError(f"the offset at {position} leads {distance} bytes back, before the buffer")
    return position - distance


def _read(data: memoryview, position: int, width: int, *, signed: bool = False) -> int:
    if position < 0 or position + width > len(data):
        raise FlexbufferError(f"offset {position} lies outside of the buffer's {len(data)} bytes")
    value: int = struct.unpack_from((_SIGNED if signed else _UNSIGNED)[width], data, position)[0]
    return value
