"""A place: a board that can be held, flashed, opened as a byte stream, and switched. What a bench is made of.

``BenchPlace`` is one of a bench.toml. Whatever else manages boards gives the same thing and is run the same way.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from tinykit.board import Board
from tinykit.emulate import OpenBoard, open_board
from tinykit.emulate.required import require_emulator
from tinykit.emulate.ssh_port import SSH_SCHEME
from tinykit.errors import DeviceMissing
from tinykit.firmware import Image
from tinykit.firmware.engine import Engine
from tinykit.flash import flash
from tinykit.hil.bench_meter import BenchMeter
from tinykit.hil.inventory.load import Slot
from tinykit.hil.inventory.model import Retry, Timeouts
from tinykit.hil.power import PowerSwitch, power_switch
from tinykit.link.port_lock import hold_port
from tinykit.link.ports import find_port, resolve_port

Say = Callable[[str], None]
Sleep = Callable[[float], object]
_LOOK_AGAIN = 0.25


class Place(Protocol):
    """A board and the way to it.

    Attributes:
        engine: what runs the models there.
        power: what switches it; None where nothing does. An emulator needs none.
        meter: what measures its supply; None where nothing does.
        is_emulated: it is a process of this computer, new each time it is opened.
    """

    @property
    def name(self) -> str: ...
    @property
    def board(self) -> Board: ...
    @property
    def tags(self) -> tuple[str, ...]: ...
    @property
    def engine(self) -> Engine: ...
    @property
    def retry(self) -> Retry: ...
    @property
    def timeouts(self) -> Timeouts: ...
    @property
    def power(self) -> PowerSwitch | None: ...
    @property
    def meter(self) -> BenchMeter | None: ...
    @property
    def is_emulated(self) -> bool: ...

    def hold(self, sleep: Sleep = time.sleep) -> contextlib.AbstractContextManager[str | None]:
        """Have the place alone, with its meter; gives the port's name, None for an emulator.

        Raises:
            ToolMissing: its emulator, or what the meter needs, is not installed.
            InputError: its meter is a recording that cannot be read.
            DeviceMissing: it is not there, or another program has it, also after ``timeouts.lock`` seconds.
        """
        ...

    def program(self, image: Image) -> None:
        """Put the firmware onto the board, where opening does not.

        Raises:
            TinykitError: as ``tinykit.flash.flash``.
        """
        ...

    def open(self, image: Image) -> OpenBoard:
        """The board, ready to be entered with ``with``; inside, its byte stream."""
        ...

    def power_cycle(self, say: Say, sleep: Sleep = time.sleep) -> bool:
        """Switch the power off and on; False where there is no switch.

        Raises:
            ToolMissing, DeviceMissing: the switch fails.
        """
        ...

    def settle(self, sleep: Sleep = time.sleep) -> None:
        """Wait until the port is there: that of a board which restarts may go away for a while.

        Raises:
            DeviceMissing: it is not there after ``timeouts.appear`` seconds.
        """
        ...


def engine_at(place: Place, chosen: Engine) -> Engine:
    """What runs the models at a place: its own engine, or what was chosen for the run where it has none of its own."""
    return chosen if place.engine == "aot" else place.engine


class BenchPlace:
    """A place of a bench.toml."""

    def __init__(self, slot: Slot, inventory: Path) -> None:
        self._slot = slot
        self._inventory = inventory
        self.name = slot.name
        self.board = slot.board
        self.tags = slot.table.tags
        self.engine: Engine = slot.table.engine
        self.retry = slot.retry
        self.timeouts = slot.timeouts
        self.is_emulated = slot.is_emulated
        self.power: PowerSwitch | None = power_switch(slot.table.power)
        meter = slot.table.meter
        self.meter = None if meter is None else BenchMeter(meter, inventory.parent)

    @contextlib.contextmanager
    def hold(self, sleep: Sleep = time.sleep) -> Iterator[str | None]:
        user, wait = f"place {self.name} of {self._inventory.resolve()}", self.timeouts.lock
        port = None
        with contextlib.ExitStack() as held:
            if self.is_emulated:
                require_emulator(self.board)  # before anything is built for it
            else:
                port = self._port()
                held.enter_context(hold_port(port, user, alone=True, wait=wait, pause=sleep))
            if self.meter is not None:
                held.enter_context(self.meter.hold(user, wait, sleep))
            yield port

    def program(self, image: Image) -> None:
        if image.served_at is not None or (self.board.emulator is None and self.board.flasher.kind != "none"):
            flash(self.board, image, self._port(), probe=self._slot.table.probe)

    def open(self, image: Image) -> OpenBoard:
        return open_board(self.board, image, None if self.is_emulated else self._port())

    def power_cycle(self, say: Say, sleep: Sleep = time.sleep) -> bool:
        if self.power is None:
            return False
        self.power.cycle(say, sleep)
        return True

    def settle(self, sleep: Sleep = time.sleep) -> None:
        if self.is_emulated:
            return
        deadline = time.monotonic() + self.timeouts.appear
        while True:
            try:
                port = self._port()
                if not port.startswith("/") or Path(port).exists():
                    return
                missing = DeviceMissing("the port did not come back", where=port, hint="look at the board, and its hub")
            except DeviceMissing as error:
                missing = error
            if time.monotonic() >= deadline:
                raise missing
            sleep(_LOOK_AGAIN)

    def _port(self) -> str:
        """What to open: looked up each time, since a device may come back under another name."""
        address = self._slot.table.address
        if address is None:
            return find_port(self.board.usb, self.board.name)
        return address if address.startswith(SSH_SCHEME) else resolve_port(address)
