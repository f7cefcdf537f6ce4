"""Power switches: commands, a relay's bytes, a hub's program."""

from __future__ import annotations

import os
import sys
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from tinykit.errors import DeviceMissing, ToolMissing
from tinykit.hil.inventory import CommandPower, RelayPower, UhubctlPower
from tinykit.hil.power import power_switch

QUICK = {"off_seconds": 0.5, "boot_seconds": 0.25}


class Sleeps:
    """Notes how long was to be waited."""

    def __init__(self, error: Exception | None = None) -> None:
        self.seconds: list[float] = []
        self._error = error

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        if self._error is not None:
            raise self._error


def test_commands_switch_off_wait_and_on(tmp_path: Path) -> None:
    file = tmp_path / "power"
    switch = power_switch(CommandPower(kind="command", on=f"echo on >> {file}", off=f"echo off >> {file}", **QUICK))
    assert switch is not None
    said: list[str] = []
    sleeps = Sleeps()
    switch.cycle(said.append, sleeps)
    assert file.read_text().split() == ["off", "on"]
    assert sleeps.seconds == [0.5, 0.25]
    assert said == ["power off", "power on"]


def test_the_power_comes_back_when_the_wait_is_cut_short(tmp_path: Path) -> None:
    file = tmp_path / "power"
    switch = power_switch(CommandPower(kind="command", on=f"echo on >> {file}", off=f"echo off >> {file}"))
    assert switch is not None
    with pytest.raises(TimeoutError):
        switch.cycle(lambda text: None, Sleeps(TimeoutError()))
    assert file.read_text().split() == ["off", "on"]


@pytest.mark.parametrize(
    ("off", "words"),
    [("echo no such socket; exit 3", "exit status 3; no such socket"), ("sleep 60", "it did not end")],
)
def test_a_switch_that_fails_says_how(off: str, words: str) -> None:
    switch = power_switch(CommandPower(kind="command", on="true", off=off, seconds=0.5))
    assert switch is not None
    with pytest.raises(DeviceMissing, match=words):
        switch.cycle(lambda text: None, Sleeps())


@pytest.fixture
def line() -> Iterator[tuple[int, str]]:
    """A serial port without a relay behind it: what would reach the relay, and the port's name."""
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    yield ours, os.ttyname(theirs)
    os.close(ours)
    os.close(theirs)


def test_a_relay_gets_its_bytes(line: tuple[int, str]) -> None:
    ours, name = line
    switch = power_switch(RelayPower(kind="relay", port=name, on="a0 01 01 a2", off="A00100A1", **QUICK))
    assert switch is not None
    switch.cycle(lambda text: None, Sleeps())
    assert os.read(ours, 100) == bytes.fromhex("a00100a1 a00101a2")


def test_a_relay_that_is_not_there() -> None:
    switch = power_switch(RelayPower(kind="relay", port="/dev/ttyNONE9", on="01", off="00"))
    assert switch is not None
    with pytest.raises(DeviceMissing, match="ttyNONE9"):
        switch.cycle(lambda text: None, Sleeps())


def test_a_hub_is_switched_by_its_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program is simulated: it writes down how it was called. A hub that can switch is hardware."""
    program = tmp_path / "uhubctl"
    program.write_text(
        f"#!{sys.executable}\nimport sys\nopen({str(tmp_path / 'calls')!r}, 'a').write(repr(sys.argv[1:]) + '\\n')\n"
    )
    program.chmod(0o755)
    switch = power_switch(UhubctlPower(kind="uhubctl", hub="1-1.4", port=2, **QUICK))
    assert switch is not None
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(ToolMissing, match="uhubctl not found"):
        switch.cycle(lambda text: None, Sleeps())
    monkeypatch.setenv("PATH", str(tmp_path))
    switch.cycle(lambda text: None, Sleeps())
    assert (tmp_path / "calls").read_text().splitlines() == [
        "['-l', '1-1.4', '-p', '2', '-a', 'off']",
        "['-l', '1-1.4', '-p', '2', '-a', 'on']",
    ]
