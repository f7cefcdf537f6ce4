"""A byte stream made worse."""

from __future__ import annotations

import time

from tinykit.link.faults.lane import Lane
from tinykit.link.faults.spec import Faults
from tinykit.link.stream import ByteStream


class FaultyStream:
    """A stream with faults in both directions. Not for two threads at once: ``tinykit.link.faults.proxy`` is.

    What is sent late leaves in a later ``read`` or ``write``: a host that waits for an answer reads.

    Args:
        stream: the real line; ``close`` closes it.

    Attributes:
        to_device, to_host: what happened in each direction.
    """

    def __init__(self, stream: ByteStream, faults: Faults) -> None:
        self._stream = stream
        self.description = f"{stream.description} with faults ({faults})"
        self.to_device = Lane(faults, "to the device")
        self.to_host = Lane(faults, "to the host")

    def read(self, timeout: float) -> bytes:
        deadline = time.monotonic() + timeout
        while True:
            self._send()
            now = time.monotonic()
            if data := self.to_host.pop(now):
                return data
            until = min(deadline, self.to_host.due(), self.to_device.due())
            arrived = self._stream.read(max(0.0, until - now))
            now = time.monotonic()
            self.to_host.push(arrived, now)
            if not arrived and now >= deadline:
                return self.to_host.pop(now)

    def write(self, data: bytes) -> None:
        self.to_device.push(data, time.monotonic())
        self._send()

    def close(self) -> None:
        self._stream.close()

    def _send(self) -> None:
        while data := self.to_device.pop(time.monotonic()):
            self._stream.write(data)
