"""The line to a board of a bench: it can be stopped, and remembers what last went over it."""

from __future__ import annotations

import threading
import time
from collections import deque

from tinykit.emulate import OpenBoard
from tinykit.link.stream import ByteStream

_SLICE = 0.25
"""Seconds between two looks at whether to stop."""
_KEPT = 40
_SHOWN = 64
"""Bytes of one transfer that the log shows."""


class Stopped(Exception):
    """The run is being interrupted: whoever does something for it lets go."""


class Stop:
    """Says to all threads of a run that it is over."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        self._event.set()

    @property
    def is_set(self) -> bool:
        return self._event.is_set()

    def check(self) -> None:
        """Raises: Stopped, if it is over."""
        if self._event.is_set():
            raise Stopped

    def sleep(self, seconds: float) -> None:
        """Wait, but not beyond the end.

        Raises:
            Stopped: it is over.
        """
        if self._event.wait(seconds):
            raise Stopped


class Traffic:
    """The last transfers over a line."""

    def __init__(self) -> None:
        self._last: deque[tuple[float, str, bytes]] = deque(maxlen=_KEPT)
        self._started = time.monotonic()

    def note(self, direction: str, data: bytes) -> None:
        self._last.append((time.monotonic() - self._started, direction, data))

    def lines(self) -> list[str]:
        """One for each: seconds since the line was opened, direction, size, hexadecimal bytes."""
        return [
            f"{at:9.3f} s {direction} {len(data):4} bytes: {data[:_SHOWN].hex(' ')}{' ...' if data[_SHOWN:] else ''}"
            for at, direction, data in self._last
        ]


class _Watched:
    def __init__(self, stream: ByteStream, stop: Stop, traffic: Traffic) -> None:
        self._stream = stream
        self._stop = stop
        self._traffic = traffic
        self.description = stream.description

    def read(self, timeout: float) -> bytes:
        deadline = time.monotonic() + timeout
        while True:
            self._stop.check()
            left = max(0.0, deadline - time.monotonic())
            data = self._stream.read(min(left, _SLICE))
            if data:
                self._traffic.note("from the board", data)
                return data
            if left <= _SLICE:
                return b""

    def write(self, data: bytes) -> None:
        self._stop.check()
        self._traffic.note("to the board  ", data)
        self._stream.write(data)

    def close(self) -> None:
        self._stream.close()


class WatchedLine:
    """An opened board whose stream raises ``Stopped`` when the run is over, and whose traffic is noted."""

    def __init__(self, line: OpenBoard, stop: Stop, traffic: Traffic) -> None:
        self._line = line
        self._stop = stop
        self._traffic = traffic

    def __enter__(self) -> ByteStream:
        return _Watched(self._line.__enter__(), self._stop, self._traffic)

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._line.__exit__(None, None, None)
