"""An INA219 or INA226 that a helper board reads and sends over a serial line, in lines of ASCII (docs/energy.md):

    host:   start
    helper: # tinykit-ina 1 INA226 2000          version, chip, samples per second
    helper: 512,13250,3301,0                     microseconds since start, microamperes, millivolts, marker
    host:   stop
    helper: # end 4096                           lines of samples that were sent

INA219: Texas Instruments SBOS448; INA226: SBOS547.
"""

from __future__ import annotations

import contextlib
import re
import threading
import time
from types import TracebackType

import numpy as np

from tinykit.errors import DeviceError, DeviceSilent
from tinykit.hil.energy.samples import Samples
from tinykit.link.stream import ByteStream, SerialStream

_BAUD = 921_600
_TIMEOUT = 3.0
_HEAD = re.compile(r"# tinykit-ina 1 (\S+) (\d+)$")
_SAMPLE = re.compile(r"(\d+),(-?\d+),(\d+),([01])$")
_END = re.compile(r"# end (\d+)$")


class InaSerial:
    """The helper board on a serial port.

    Raises:
        DeviceMissing: the port cannot be opened (on entry).
    """

    def __init__(self, port: str) -> None:
        self.description = f"INA on {port}"
        self._port = port
        self._stream: ByteStream | None = None
        self._rest = b""
        self._lines: list[str] = []
        self._end = threading.Event()
        self._failure: Exception | None = None
        self._reader: threading.Thread | None = None

    def __enter__(self) -> InaSerial:
        self._stream = SerialStream(self._port, _BAUD)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        if self._reader is not None:
            self._reader.join()
        if self._stream is not None:
            with contextlib.suppress(DeviceError):
                self._stream.write(b"stop\n")
            self._stream.close()

    def start(self) -> None:
        """See ``Meter``. What an earlier recording left on the line is passed over."""
        assert self._stream is not None
        self._stream.write(b"start\n")
        deadline = time.monotonic() + _TIMEOUT
        while True:
            lines = self._receive()
            for number, line in enumerate(lines):
                head = _HEAD.match(line)
                if head is not None:
                    self.description = f"{head[1]} on {self._port}, {int(head[2]):,} samples per second"
                    self._lines = lines[number + 1 :]
                    self._end.clear()
                    self._reader = threading.Thread(target=self._read_on, daemon=True)
                    self._reader.start()
                    return
            if time.monotonic() > deadline:
                raise DeviceSilent(
                    "the INA helper board does not begin",
                    where=self._port,
                    why=f"no line '# tinykit-ina 1 ...' within {_TIMEOUT:g} s of 'start'",
                    hint="does it run a program that speaks this format (docs/energy.md)?",
                )

    def stop(self) -> Samples:
        """See ``Meter``."""
        assert self._stream is not None
        assert self._reader is not None
        self._stream.write(b"stop\n")
        self._reader.join(_TIMEOUT)
        ended = not self._reader.is_alive()
        self._end.set()
        self._reader.join()
        self._reader = None
        if self._failure is not None:
            raise self._failure
        if not ended:
            raise DeviceSilent("the INA helper board does not end", where=self._port, why="no line '# end ...'")
        return self._samples()

    def _read_on(self) -> None:
        try:
            while not self._end.is_set():
                lines = self._receive()
                self._lines += lines
                if any(_END.match(line) for line in lines):
                    return
        except DeviceError as error:
            self._failure = error

    def _receive(self) -> list[str]:
        assert self._stream is not None
        *lines, self._rest = (self._rest + self._stream.read(0.05)).split(b"\n")
        return [line.decode("ascii", errors="replace").strip() for line in lines]

    def _samples(self) -> Samples:
        found = [match for line in self._lines if (match := _SAMPLE.match(line))]
        (sent,) = [int(match[1]) for line in self._lines if (match := _END.match(line))][-1:]
        if len(found) != sent:
            raise DeviceError(
                f"{sent - len(found)} of {sent} samples of the INA helper board were lost",
                where=self._port,
                hint="a faster line, or fewer samples per second",
            )
        values = np.array([[int(group) for group in match.groups()] for match in found], np.float64).reshape(-1, 4)
        return Samples(values[:, 0] / 1e6, values[:, 1] / 1e6, values[:, 2] / 1e3, values[:, 3] > 0.5)
