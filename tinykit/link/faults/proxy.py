"""A proxy that makes a line worse: the real device on one side, a program that talks to it on the other."""

from __future__ import annotations

import threading
import time
from typing import Literal

from tinykit.errors import DeviceDied
from tinykit.link.faults.lane import Lane
from tinykit.link.faults.spec import Faults
from tinykit.link.stream import ByteStream

_STEP = 0.1
"""Seconds at most between looks at whether it is time to stop."""


End = Literal["host", "device", "cut", "time"]
"""Why a proxy ended: a side that is gone, the fault, or that it was time."""


class FaultProxy:
    """Copies bytes between a device and a host, through a lane in each direction.

    Attributes:
        to_device, to_host: what happened in each direction.
    """

    def __init__(self, device: ByteStream, host: ByteStream, faults: Faults) -> None:
        self.to_device = Lane(faults, "to the device")
        self.to_host = Lane(faults, "to the host")
        self._device = device
        self._host = host
        self._stop = threading.Event()
        self._ends: list[tuple[End, DeviceDied | None]] = []

    def run(self, seconds: float | None = None) -> tuple[End, DeviceDied | None]:
        """Copy until one side is gone, the line is cut, or ``seconds`` have passed; say which, and why."""
        threads = [
            threading.Thread(target=self._copy, args=direction, daemon=True)
            for direction in (
                (self._host, "host", self.to_device, self._device, "device"),
                (self._device, "device", self.to_host, self._host, "host"),
            )
        ]
        for thread in threads:
            thread.start()
        try:
            self._stop.wait(seconds)
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()
        return self._ends[0] if self._ends else ("time", None)

    def _copy(self, source: ByteStream, source_is: End, lane: Lane, target: ByteStream, target_is: End) -> None:
        doing: End = "cut"
        try:
            while not self._stop.is_set():
                doing = "cut"
                while data := lane.pop(time.monotonic()):
                    doing = target_is
                    target.write(data)
                    doing = "cut"
                doing = source_is
                arrived = source.read(min(_STEP, max(0.0, lane.due() - time.monotonic())))
                lane.push(arrived, time.monotonic())
        except DeviceDied as error:
            self._ends.append((doing, error))
        finally:
            self._stop.set()  # the other direction must not go on alone
