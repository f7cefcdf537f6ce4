"""Every emulated machine, on the real emulator: start-up, serial port, counter, reset, faults."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.probe import EMULATED_BOARDS, QEMU_BOARDS, Console
from support.slow import rest_slow
from tinykit.board import load_board
from tinykit.emulate import open_board
from tinykit.emulate.qemu import Qemu
from tinykit.emulate.rp2040js import Rp2040js
from tinykit.firmware import Image

TURNS = (2, 1000, 12_345, 1_000_003)


@pytest.fixture(params=rest_slow(EMULATED_BOARDS, 4))
def image(request: pytest.FixtureRequest, probe: Callable[[str], Image]) -> Image:
    return probe(request.param)


@pytest.fixture
def console(image: Image) -> Iterator[Console]:
    with open_board(image.board, image) as stream:
        console = Console(stream)
        assert console.line() == "ready"  # the very first bytes arrive, too
        yield console


def _count(console: Console, image: Image, turns: int) -> int:
    """Instructions of an empty loop of ``turns`` turns, without those of reading the counter."""
    values = console.values(f"loop {turns}")
    counter = image.board.counter
    return counter.value(values["ticks"]) - counter.value(values["empty"])


@pytest.mark.slow
def test_an_empty_loop_counts_two_instructions_a_turn_every_time(console: Console, image: Image) -> None:
    around = _count(console, image, 1) - 2  # what the compiler put between the readings besides the loop
    assert 0 <= around <= 2
    for turns in TURNS:
        # Again and again: the counter's phase differs each time, the count must not.
        assert [_count(console, image, turns) - around for _ in range(5)] == [2 * turns] * 5


@pytest.mark.slow
def test_long_counts_are_exact(console: Console, image: Image) -> None:
    # More ticks than a 31-bit counter holds, on the fastest counter. rp2040js is twenty times as slow as QEMU, and its
    # counter is SysTick, 24 bits: four turns will do.
    turns = 35_000_000 if image.board.emulator.kind == "rp2040js" else 350_000_000
    counted = _count(console, image, turns + 1) - _count(console, image, 1)
    if "TK_COUNTER_SYSTICK" in image.board.port.defines:
        # An interrupt every 2^24 ticks is counted, too.
        assert 0 <= counted - 2 * turns < 2 * turns * 3e-6
    else:
        assert counted == 2 * turns


@pytest.mark.slow
@pytest.mark.parametrize("image", ["qemu-mps2-an386"], indirect=True)
def test_the_cmsdk_timer_is_right_beyond_one_turn(console: Console, image: Image) -> None:
    # 2^32 ticks are 1.34e9 instructions; the timer's flag makes almost twice that countable.
    assert _count(console, image, 800_000_001) - _count(console, image, 1) == 1_600_000_000


def test_start_up_initialises_memory_and_reset_repeats_it(console: Console, image: Image) -> None:
    first = console.values("state")
    assert (first["boots"], first["data"], first["bss"]) == (1, 0x12345678, 0)
    assert first["stack"] == image.board.port.stack
    assert 0.5 * first["stack"] < first["painted"] < first["stack"]
    changed = console.values("state")
    assert (changed["data"], changed["bss"]) == (1, 1)

    assert console.ask("reset") == "ready"
    again = console.values("state")
    assert (again["boots"], again["data"], again["bss"]) == (2, 0x12345678, 0)


ARM = [name for name in QEMU_BOARDS if load_board(name).toolchain.prefix.startswith("arm-")]


@pytest.mark.parametrize("image", ARM, indirect=True)
def test_it_starts_from_a_boot_loader_too(console: Console, image: Image) -> None:
    """One that leaves interrupts pending, SysTick running, a priority mask, and another stack in use."""
    assert console.values("state")["boots"] == 1
    assert console.ask("again") == "ready"
    second = console.values("state")
    assert (second["boots"], second["data"], second["bss"]) == (2, 0x12345678, 0)
    assert console.ask("echo still here") == "STILL HERE"
    around = _count(console, image, 1) - 2
    assert _count(console, image, 1000) - around == 2000


# Boards, and what registers of the serial port and its pins then hold.
REGISTERS = [
    ("qemu-microbit", 0x50000700 + 4 * 25, 0b1100),  # PIN_CNF of RX: an input with a pull-up
    ("qemu-microbit", 0x50000700 + 4 * 24, 0b11),  # of TX: an output
    ("qemu-b-l475e", 0x4000_0000 + 0x1_380C, 139),  # BRR: 16 MHz / 115200
    ("qemu-b-l475e", 0x4002_1088, 2),  # CCIPR: USART1 runs on HSI16
    ("qemu-netduinoplus2", 0x4001_1008, 139),  # BRR
]


@pytest.mark.parametrize(("image", "address", "word"), REGISTERS, indirect=["image"])
def test_the_serial_port_is_set_up(console: Console, address: int, word: int) -> None:
    assert console.values(f"peek {address}") == {"word": word}


def test_lines_are_answered_at_once(console: Console) -> None:
    slowest = 0.0
    for number in range(40):
        time.sleep(0.005 * (number % 3))  # from a sleeping core, and from a busy one
        start = time.monotonic()
        assert console.ask(f"echo line {number}") == f"LINE {number}"
        slowest = max(slowest, time.monotonic() - start)
    # An emulator that only looks at its input once per timer event takes up to a second. Generous: machines are busy.
    assert slowest < 0.5


@pytest.mark.slow
def test_no_byte_is_lost(console: Console) -> None:
    for length in (1, 15, 16, 17, 255, 256, 280):
        assert console.ask("echo " + "x" * length) == "X" * length


@pytest.mark.slow
def test_an_idle_device_costs_nothing(image: Image) -> None:
    kinds = {"qemu": Qemu, "rp2040js": Rp2040js}
    if image.board.emulator.kind not in kinds:
        pytest.skip("Renode goes through the time of a sleeping core, too")
    emulator = kinds[image.board.emulator.kind](image.board, image.elf)
    with emulator as stream:
        console = Console(stream)
        assert console.line() == "ready"
        console.ask("loop 1000")
        before = _cpu_seconds(emulator.pid)
        time.sleep(1.0)
        assert _cpu_seconds(emulator.pid) - before < 0.1


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100  # utime and stime, proc(5), in the fixed USER_HZ


def test_a_fault_is_reported(console: Console) -> None:
    console_text = _fault(console, "fault")
    assert "pc=0x" in console_text
    assert "stack overflow" not in console_text


def test_a_stack_overflow_is_reported_as_such(console: Console) -> None:
    assert "stack overflow" in _fault(console, "overflow")


def _fault(console: Console, command: str) -> str:
    console.ask(command)  # the zero byte and the line end before the report
    return console.line()
