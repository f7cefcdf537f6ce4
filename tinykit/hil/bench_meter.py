"""The meter of a place: from what the inventory says to an instrument that is held."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tinykit.hil.energy import Meter
from tinykit.hil.energy.open import open_csv, open_ina, open_joulescope, open_ppk2
from tinykit.hil.inventory.model import CsvMeter, InaMeter, JoulescopeMeter, Ppk2Meter
from tinykit.link.port_lock import hold_port
from tinykit.link.ports import resolve_port

Sleep = Callable[[float], object]


class BenchMeter:
    """The instrument of an inventory's ``meter`` table.

    Args:
        folder: where the inventory is.
    """

    def __init__(self, table: Ppk2Meter | JoulescopeMeter | InaMeter | CsvMeter, folder: Path) -> None:
        self._table = table
        self._folder = folder

    @contextlib.contextmanager
    def hold(self, user: str, wait: float, sleep: Sleep = time.sleep) -> Iterator[None]:
        """Have the instrument alone; what it takes to read it is looked for first.

        Args:
            user, wait, sleep: as ``hold_port`` takes them.

        Raises:
            InputError, ToolMissing: the recording cannot be read, or a Python package is missing.
            DeviceMissing: the instrument is not there, or another program has it.
        """
        self.open()
        address = self._table.address
        if address is None:
            yield
            return
        with hold_port(resolve_port(address), user, alone=True, wait=wait, pause=sleep):
            yield

    def open(self) -> Meter:
        """The instrument, not connected yet.

        Raises:
            InputError, ToolMissing: as ``hold``.
        """
        table = self._table
        if isinstance(table, Ppk2Meter):
            return open_ppk2(table.address, table.volts, source=table.source)
        if isinstance(table, JoulescopeMeter):
            return open_joulescope(table.serial_number)
        if isinstance(table, InaMeter):
            return open_ina(table.address)
        return open_csv(self._folder / table.file)
