"""What ports write first of all, run as a program for Linux where memory stands in for the chip's registers.

It shows which values end up where, and that nothing waits for ever; not that the chip then does what its manual says.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from support.probe import FACTS, SOURCE
from tinykit.board import load_board
from tinykit.firmware import render_sources

COMPILER = "arm-linux-gnueabi-gcc"
DBGMCU, ICIALLU, CCR = 0xE0042004, 0xE000EF50, 0xE000ED14


def _start(board: str, folder: Path, before: dict[int, int], asked: list[int]) -> list[int]:
    emulator = shutil.which("qemu-arm") or shutil.which("qemu-arm-static")
    if shutil.which(COMPILER) is None or emulator is None:
        pytest.skip(f"{COMPILER} or qemu-arm is not installed")
    sources = {"src/probe/probe.c": SOURCE.read_bytes()}
    render_sources(sources, FACTS, load_board(board), folder, agent=False, export=True)
    program = folder / "chip_start"
    command = [COMPILER, "-march=armv7-a", "-mthumb", "-static", "-O1", f"-I{folder}/src", f"-I{folder}/src/agent"]
    subprocess.run(
        [*command, folder / "src/port/chip.c", Path(__file__).with_name("chip_start.c"), "-o", program], check=True
    )
    arguments = [f"{address}={value}" for address, value in before.items()] + [str(address) for address in asked]
    run = subprocess.run([emulator, program, *arguments], check=True, capture_output=True, text=True, timeout=60)
    return [int(line, 16) for line in run.stdout.split()]


@pytest.mark.parametrize("board", ["microbit2", "nano33ble", "renode-nrf52840"])
def test_an_nrf52_keeps_its_debug_port_and_has_its_cache(board: str, tmp_path: Path) -> None:
    approtect_disable, icachecnf = 0x40000558, 0x4001E540
    assert _start(board, tmp_path, {}, [approtect_disable, icachecnf]) == [0x5A, 1]


# What ST's boot loader may leave: PLL on and chosen, prescalers, wait states. HSI (F4, F7) or MSI (L4) is then chosen.
@pytest.mark.parametrize(
    ("board", "rcc", "acr", "control", "flash", "icache"),
    [
        ("netduinoplus2", 0x4002_3800, 0x4002_3C00, 0x83, 0x600, 0),
        ("nucleo-f767zi", 0x4002_3800, 0x4002_3C00, 0x83, 0, 1 << 17),
        ("nucleo-l4r5zi", 0x4002_1000, 0x4002_2000, 0x6B, 0x600, 0),
        ("b-l475e-iot01a", 0x4002_1000, 0x4002_2000, 0x6B, 0x600, 0),
    ],
)
def test_an_stm32_is_as_after_reset_and_can_be_debugged_while_it_sleeps(
    board: str, rcc: int, acr: int, control: int, flash: int, icache: int, tmp_path: Path
) -> None:
    before = {rcc: 0x0303_0083 if control == 0x83 else 0x0303_00B3, rcc + 8: 0x9400, acr: 0x0705}
    after = _start(board, tmp_path, before, [rcc, rcc + 8, acr, DBGMCU, CCR])
    assert after == [control, 0, flash, 1, icache]


@pytest.mark.parametrize("board", ["netduinoplus2", "nucleo-f767zi", "nucleo-l4r5zi"])
def test_a_clock_that_never_reports_ready_is_not_waited_for(board: str, tmp_path: Path) -> None:
    """As in an emulator that has no such registers: all read zero."""
    assert _start(board, tmp_path, {}, [DBGMCU]) == [1]
