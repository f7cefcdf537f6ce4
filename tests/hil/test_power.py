"""Power switches: commands, a relay's bytes, a hub's program."""

from __future__ import annotations

import os
import signal
import sys
import time
import tty
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from tinykit.errors import DeviceMissing, ToolMissing
from tinykit.hil.inventory import CommandPower, RelayPower, UhubctlPower
from tinykit.hil.power import power_switch
from tinykit.process import kill_all

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


@pytest.mark.parametrize("then", ["exit 3", "sleep 60", "kill -9 $$"])
def test_the_power_comes_back_when_off_cut_it_and_then_failed(then: str, tmp_path: Path) -> None:
    file = tmp_path / "power"
    table = CommandPower(kind="command", on=f"echo on >> {file}", off=f"echo off >> {file}; {then}", seconds=0.5)
    switch = power_switch(table)
    assert switch is not None
    with pytest.raises(DeviceMissing, match="did not switch"):
        switch.cycle(lambda text: None, Sleeps())
    assert file.read_text().split() == ["off", "on"]


def test_both_failures_are_told() -> None:
    switch = power_switch(CommandPower(kind="command", on="echo no relay; exit 4", off="echo no socket; exit 3"))
    assert switch is not None
    said: list[str] = []
    with pytest.raises(DeviceMissing, match="exit status 4; no relay"):
        switch.cycle(said.append, Sleeps())
    assert "exit status 3; no socket" in "".join(said)


def test_the_power_comes_back_while_everything_else_is_ended(tmp_path: Path) -> None:
    """As a run does that is interrupted: ``kill_all``, again and again, until its threads have ended."""
    file = tmp_path / "power"
    switch = power_switch(
        CommandPower(kind="command", on=f"sleep 0.7; echo on >> {file}", off=f"echo off >> {file}; sleep 60")
    )
    assert switch is not None
    errors: list[Exception] = []

    def cycle() -> None:
        try:
            switch.cycle(lambda text: None, Sleeps(TimeoutError()))
        except DeviceMissing as error:
            errors.append(error)

    thread = Thread(target=cycle)
    thread.start()
    while not file.exists():
        time.sleep(0.02)
    while thread.is_alive():
        kill_all()
        thread.join(0.05)
    assert "exit status -9" in str(errors[0])  # of off, which may be ended
    assert file.read_text().split() == ["off", "on"]


def test_what_a_command_leaves_running_is_left_and_not_waited_for(tmp_path: Path) -> None:
    """The program that stays holds the command's output open, as a daemon does that was started carelessly."""
    pid = tmp_path / "pid"
    table = CommandPower(kind="command", on=f"echo started; sleep 30 & echo $! > {pid}", off="true", seconds=20)
    switch = power_switch(table)
    assert switch is not None
    began = time.monotonic()
    said: list[str] = []
    switch.cycle(said.append, Sleeps())
    assert time.monotonic() - began < 10
    assert said[-1] == "  started"
    os.kill(int(pid.read_text()), signal.SIGKILL)  # it still runs


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
