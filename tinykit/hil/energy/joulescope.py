"""A Joulescope (JS110, JS220), by the package joulescope; its general purpose input 0 is taken as the marker.

Source: https://joulescope.readthedocs.io; the marker is on the lowest bit of the current's samples ("current_lsb").
"""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any

import numpy as np

from tinykit.errors import DeviceError, DeviceMissing
from tinykit.hil.energy.samples import Samples

LONGEST = 25.0
"""Seconds of a recording: the package keeps 30."""


class Joulescope:
    """A Joulescope.

    Args:
        package: the module ``joulescope``.
        serial_number: of the one that is meant; None: the only one that is connected.

    Raises:
        DeviceMissing: there is none, or several (on entry).
    """

    def __init__(self, package: Any, serial_number: str | None = None) -> None:
        self.description = "Joulescope" if serial_number is None else f"Joulescope {serial_number}"
        self._package = package
        self._serial_number = serial_number
        self._device: Any = None
        self._started = 0.0

    def __enter__(self) -> Joulescope:
        connected = self._package.scan(config="auto")
        # as text each is model and serial number: "JS220-001234"
        wanted = self._serial_number
        found = [one for one in connected if wanted is None or str(one).rpartition("-")[2] == wanted]
        if len(found) != 1:
            named = "Joulescope" if wanted is None else f"Joulescope {wanted}"
            raise DeviceMissing(
                f"no {named} is connected" if not found else "several Joulescopes are connected",
                where=", ".join(str(one) for one in connected) or None,
                hint="connect it, or name one of several (joulescope:SERIAL); close its user interface, and see to the "
                "access rights of USB devices",
            )
        found[0].open()
        self._device = found[0]
        self._device.parameter_set("current_lsb", "gpi0")
        self.description = str(self._device)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._device is not None:
            self._device.stop()
            self._device.close()

    def start(self) -> None:
        """See ``Meter``."""
        self._started = time.monotonic()
        self._device.start()

    def stop(self) -> Samples:
        """See ``Meter``. The last sample is taken as of now."""
        ended = time.monotonic() - self._started
        self._device.stop()
        if ended > LONGEST:
            raise DeviceError("the recording is longer than the Joulescope's buffer", why=f"{ended:.0f} s")
        buffer = self._device.stream_buffer
        begin, end = buffer.sample_id_range
        fields = buffer.samples_get(begin, end, ["current", "voltage", "current_lsb"])["signals"]
        amps, volts, marker = (np.asarray(fields[name]["value"]) for name in ("current", "voltage", "current_lsb"))
        count = min(len(amps), len(volts), len(marker))
        times = ended - (count - 1 - np.arange(count)) / self._device.sampling_frequency
        good = np.isfinite(amps[:count]) & np.isfinite(volts[:count])
        return Samples(
            times[good],
            amps[:count][good].astype(np.float64),
            volts[:count][good].astype(np.float64),
            marker[:count][good] != 0,
        )
