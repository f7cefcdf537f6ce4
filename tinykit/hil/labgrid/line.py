"""The line to a board of the lab: it ends with an error that says so when the lab takes the board away."""

from __future__ import annotations

import time
from collections.abc import Callable

from tinykit.emulate import OpenBoard
from tinykit.errors import DeviceDied
from tinykit.link.stream import ByteStream

_NEWS = 3.0
"""Seconds that the coordinator may take to say why a line broke."""
_LOOK = 0.1


class _Leased:
    def __init__(self, stream: ByteStream, check: Callable[[], None]) -> None:
        self._stream = stream
        self._check = check
        self.description = stream.description

    def read(self, timeout: float) -> bytes:
        self._check()
        try:
            return self._stream.read(timeout)
        except DeviceDied:
            self._ask()
            raise

    def write(self, data: bytes) -> None:
        self._check()
        try:
            self._stream.write(data)
        except DeviceDied:
            self._ask()
            raise

    def close(self) -> None:
        self._stream.close()

    def _ask(self) -> None:
        """The line broke: whether because the lab is gone shows in a moment."""
        deadline = time.monotonic() + _NEWS
        while time.monotonic() < deadline:
            self._check()
            time.sleep(_LOOK)


class LeasedLine:
    """An opened board that is ours for as long as ``check`` raises nothing.

    Raises:
        DeviceMissing: in ``read`` and ``write``, what ``check`` raises.
    """

    def __init__(self, line: OpenBoard, check: Callable[[], None]) -> None:
        self._line = line
        self._check = check

    def __enter__(self) -> ByteStream:
        return _Leased(self._line.__enter__(), self._check)

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._line.__exit__(None, None, None)
