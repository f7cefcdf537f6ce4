"""Reads the options of custom operators: a FlexBuffers map of scalars, strings and lists of these.

The format is described in the FlatBuffers project's "FlexBuffers" and "flexbuffers.h": values are as wide as their
container says, offsets point backwards, and the root is at the end. As in ``flatbuffer.py``, every read checks that it
stays inside the bytes, and what is read of parts that share theirs is bounded.
"""

from __future__ import annotations

import struct
from typing import Union

from tinykit.graph.flatbuffer import Allowance, FlatbufferError

Scalar = Union[int, float, bool, str, None]
Value = Union[Scalar, list[Scalar]]

_NULL, _INT, _UINT, _FLOAT, _KEY, _STRING = range(6)
_INDIRECT = {6: _INT, 7: _UINT, 8: _FLOAT}
_MAP, _VECTOR, _BOOL = 9, 10, 26
_TYPED = {11: _INT, 12: _UINT, 13: _FLOAT, 14: _KEY, 15: _STRING, 36: _BOOL}
_FIXED = {16 + 3 * (n - 2) + i: (kind, n) for n in (2, 3, 4) for i, kind in enumerate((_INT, _UINT, _FLOAT))}

_FORMATS = {
    _INT: {1: "<b", 2: "<h", 4: "<i", 8: "<q"},
    _UINT: {1: "<B", 2: "<H", 4: "<I", 8: "<Q"},
    _FLOAT: {4: "<f", 8: "<d"},
}


def read_map(data: bytes) -> dict[str, Value]:
    """The options by name: int, float, bool, str, None for null, or a list of such.

    Raises:
        FlatbufferError: the bytes are no such map, or damaged; the text says what was read and where.
    """
    return _Reader(bytes(data)).root()


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._allowance = Allowance(data)

    def root(self) -> dict[str, Value]:
        if len(self._data) < 3:
            raise FlatbufferError(f"{len(self._data)} bytes are too few for a FlexBuffer")
        packed, width = self._data[-2], self._data[-1]
        if width not in (1, 2, 4, 8) or packed >> 2 != _MAP:
            raise FlatbufferError(f"the options are of type {packed >> 2} and width {width}, not a map")
        child = 1 << (packed & 3)
        start = self._target(len(self._data) - 2 - width, width)
        size = self._integer(start - child, child)
        keys_at = self._target(start - 3 * child, child)
        keys_width = self._integer(start - 2 * child, child)
        if keys_width not in (1, 2, 4, 8) or self._integer(keys_at - keys_width, keys_width) != size:
            raise FlatbufferError(f"the map at offset {start} has {size} values and keys that do not fit")
        self._allowance.spend(size)
        found: dict[str, Value] = {}
        last: bytes | None = None
        for i in range(size):
            key = self._key(self._target(keys_at + i * keys_width, keys_width))
            if last is not None and key <= last:  # they are searched by halves
                raise FlatbufferError(f"the map at offset {start} has keys that are not in order")
            last = key
            kind = self._byte(start + size * child + i)
            found[key.decode("utf-8", errors="replace")] = self._value(start + i * child, child, kind)
        return found

    def _value(self, at: int, width: int, packed: int) -> Value:
        """What is in a slot of ``width`` bytes."""
        kind, own = packed >> 2, 1 << (packed & 3)
        if kind == _VECTOR or kind in _TYPED or kind in _FIXED:
            return self._list(self._target(at, width), own, kind)
        return self._scalar(at, width, kind, own)

    def _list(self, start: int, width: int, kind: int) -> list[Scalar]:
        if kind in _FIXED:
            element, size = _FIXED[kind]
        else:
            element, size = _TYPED.get(kind, _NULL), self._integer(start - width, width)
        self._allowance.spend(size)
        values = []
        for i in range(size):
            own = 1
            if kind == _VECTOR:
                packed = self._byte(start + size * width + i)
                element, own = packed >> 2, 1 << (packed & 3)
            values.append(self._scalar(start + i * width, width, element, own))
        return values

    def _scalar(self, at: int, width: int, kind: int, own: int) -> Scalar:
        if kind == _NULL:
            return None
        if kind == _BOOL:
            return self._integer(at, width) != 0
        if kind in (_INT, _UINT, _FLOAT):
            return self._number(at, width, kind)
        if kind in _INDIRECT:
            return self._number(self._target(at, width), own, _INDIRECT[kind])
        if kind == _KEY:
            return self._key(self._target(at, width)).decode("utf-8", errors="replace")
        if kind == _STRING:
            start = self._target(at, width)
            size = self._integer(start - own, own)
            self._allowance.spend(size)
            self._inside(start, size)
            return self._data[start : start + size].decode("utf-8", errors="replace")
        raise FlatbufferError(f"the value at offset {at} is of type {kind}, which options do not have")

    def _key(self, start: int) -> bytes:
        self._inside(start, 1)
        end = self._data.find(b"\0", start)
        if end < 0:
            raise FlatbufferError(f"the key at offset {start} does not end")
        self._allowance.spend(end - start)
        return self._data[start:end]

    def _target(self, at: int, width: int) -> int:
        return at - self._integer(at, width)

    def _byte(self, at: int) -> int:
        return self._integer(at, 1)

    def _integer(self, at: int, width: int) -> int:
        return int(self._number(at, width, _UINT))

    def _number(self, at: int, width: int, kind: int) -> int | float:
        form = _FORMATS[kind].get(width)
        if form is None:
            raise FlatbufferError(f"the number at offset {at} is {width} bytes wide")
        self._inside(at, width)
        value: int | float = struct.unpack_from(form, self._data, at)[0]
        return value

    def _inside(self, at: int, size: int) -> None:
        if at < 0 or at + size > len(self._data):
            raise FlatbufferError(f"{size} bytes at offset {at} lie outside of the options' {len(self._data)} bytes")
