"""Switching a board's power: a hub that can, a relay on a serial port, or any two commands."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from tinykit.board.tools import require_tool
from tinykit.errors import DeviceMissing, TinykitError
from tinykit.hil.inventory.model import CommandPower, Power, RelayPower, UhubctlPower
from tinykit.process import run_lines

Sleep = Callable[[float], object]
Say = Callable[[str], None]
_UHUBCTL_SECONDS = 30.0
_SHOWN = 5


class PowerSwitch(Protocol):
    """What can take a board's power away and give it back."""

    def cycle(self, say: Say, sleep: Sleep = time.sleep) -> None:
        """Off, a while, on, and the time that the board takes to start.

        Args:
            say: told what is done, and what the switch itself says, line by line.
            sleep: waits; an error that it raises ends the cycle with the power on.

        Raises:
            ToolMissing, DeviceMissing: the switch is not there, or does not switch.
        """
        ...


class BenchPower:
    """The switch of an inventory's ``power`` table."""

    def __init__(self, table: UhubctlPower | RelayPower | CommandPower) -> None:
        self._table = table

    def cycle(self, say: Say, sleep: Sleep = time.sleep) -> None:
        off_and_on(lambda on: self._switch(on, say), self._table.off_seconds, say, sleep)
        sleep(self._table.boot_seconds)

    def _switch(self, on: bool, say: Say) -> None:
        table = self._table
        if isinstance(table, UhubctlPower):
            program = require_tool("uhubctl")
            action = "on" if on else "off"
            _run([program, "-l", table.hub, "-p", str(table.port), "-a", action], _UHUBCTL_SECONDS, say, spared=on)
        elif isinstance(table, RelayPower):
            from tinykit.link.stream import SerialStream

            stream = SerialStream(table.port, table.baud)
            try:
                stream.write(bytes.fromhex(table.on if on else table.off))
            finally:
                stream.close()
        else:
            _run(["sh", "-c", table.on if on else table.off], table.seconds, say, spared=on)


def off_and_on(switch: Callable[[bool], object], seconds: float, say: Say, sleep: Sleep) -> None:
    """Off, a while, and on, whatever happens in between: a board that stays off is of no use to anybody.

    Args:
        switch: switches the power on (True) or off (False). Switching off may fail after it took the power away, so on
            follows then, too.
        seconds: in between.

    Raises:
        TinykitError: what ``switch`` raises; where both fail, ``say`` has the first.
    """
    say("power off")
    try:
        try:
            switch(False)
        except TinykitError as error:
            say(error.render())
            raise
        sleep(seconds)
    finally:
        say("power on")
        switch(True)


def power_switch(table: Power | None) -> PowerSwitch | None:
    """The switch that a place's ``power`` table describes."""
    return None if table is None else BenchPower(table)


def _run(command: Sequence[str], seconds: float, say: Say, *, spared: bool) -> None:
    """Run the switch's program; what it leaves running is left."""
    words: list[str] = []

    def take(line: str) -> None:
        words.append(line.rstrip())
        say(f"  {line.rstrip()}")

    try:
        status = run_lines(command, take, timeout=seconds, spared=spared, leaves=True)
    except OSError as error:
        raise DeviceMissing("cannot run the power switch", where=command[0], why=error.strerror or str(error)) from None
    if status != 0:
        how = "it did not end" if status is None else f"exit status {status}"
        raise DeviceMissing(
            "the power switch did not switch",
            where=" ".join(command),
            why="; ".join([how, *words[-_SHOWN:]]),
            hint="run it by hand; a hub needs the right udev rule, and to be one that can switch",
        )
