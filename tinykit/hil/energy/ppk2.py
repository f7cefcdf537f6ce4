"""Nordic Semiconductor's Power Profiler Kit II, by the package ppk2-api (GPL-2.0, hence no dependency of tinykit's).

100,000 samples of the current per second; its digital input D0 is taken as the marker. Source: the kit's user guide.
"""

from __future__ import annotations

import contextlib
import threading
import time
from types import TracebackType
from typing import Any

import numpy as np

from tinykit.errors import DeviceError, DeviceMissing
from tinykit.hil.energy.samples import Samples
from tinykit.link.port_lock import hold_port
from tinykit.link.ports import resolve_port

_RATE = 100_000.0
_PAUSE = 0.005  # seconds between readings: 2 KB each


class Ppk2:
    """A kit.

    Args:
        package: the module ``ppk2_api.ppk2_api``.
        port: its serial port, or "usb:..."; empty: the only one that is connected.
        volts: of the board's supply.
        source: it supplies the board itself.

    Raises:
        DeviceMissing: there is none, or several, or it cannot be opened (on entry).
    """

    def __init__(self, package: Any, port: str, volts: float, source: bool) -> None:
        self.description = "Power Profiler Kit II"
        self._package = package
        self._port = port
        self._volts = volts
        self._source = source
        self._kit: Any = None
        self._lock = contextlib.ExitStack()
        self._data = bytearray()
        self._end = threading.Event()
        self._failure: Exception | None = None
        self._reader: threading.Thread | None = None

    def __enter__(self) -> Ppk2:
        port = resolve_port(self._port) if self._port else self._only_one()
        self._lock.enter_context(hold_port(port, "tinykit"))
        try:
            self._kit = self._package.PPK2_API(port, timeout=1, write_timeout=1)
            self._kit.get_modifiers()
            self._kit.set_source_voltage(round(1000 * self._volts))
            if self._source:
                self._kit.use_source_meter()
            else:
                self._kit.use_ampere_meter()
            self._kit.toggle_DUT_power("ON")
        except OSError as error:  # pyserial's errors are such
            self._lock.close()
            raise DeviceMissing("cannot open the Power Profiler Kit II", where=port, why=str(error)) from None
        self.description = f"Power Profiler Kit II on {port}, {self._volts:g} V"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        if self._reader is not None:
            self._reader.join()
        if self._kit is not None:
            with contextlib.suppress(OSError):
                self._kit.stop_measuring()
                self._kit.ser.close()
        self._lock.close()

    def _only_one(self) -> str:
        # since 0.9.3 each is a pair of port and serial number
        found = [one if isinstance(one, str) else one[0] for one in self._package.PPK2_API.list_devices()]
        if len(found) != 1:
            raise DeviceMissing(
                f"{'several' if found else 'no'} Power Profiler Kit II connected",
                where=", ".join(found) or None,
                hint="name its port: --meter ppk2:PORT,VOLTS",
            )
        return str(found[0])

    def start(self) -> None:
        """See ``Meter``."""
        self._data.clear()
        self._end.clear()
        self._kit.start_measuring()
        self._reader = threading.Thread(target=self._read_on, daemon=True)
        self._reader.start()

    def stop(self) -> Samples:
        """See ``Meter``."""
        self._end.set()
        assert self._reader is not None
        self._reader.join()
        self._reader = None
        if self._failure is not None:
            raise DeviceError("the Power Profiler Kit II is gone", why=str(self._failure))
        self._kit.stop_measuring()
        microamps, bits = self._kit.get_samples(bytes(self._data))
        amps = np.array(microamps, np.float64) / 1e6
        marker = np.array(bits, np.int64) & 1 != 0
        return Samples(np.arange(len(amps)) / _RATE, amps, np.full(len(amps), self._volts), marker[: len(amps)])

    def _read_on(self) -> None:
        try:
            while not self._end.is_set():
                self._data += self._kit.get_data()
                time.sleep(_PAUSE)
        except OSError as error:
            self._failure = error
