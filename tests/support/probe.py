"""A firmware without a model (probe.c), for tests of what is below the agent: start-up, serial port, counter."""

from __future__ import annotations

from pathlib import Path

import pytest

from tinykit.board import load_board
from tinykit.board.tools import find_tool
from tinykit.emulate.required import require_emulator
from tinykit.errors import ToolMissing
from tinykit.firmware import Image, build_project, render_sources
from tinykit.firmware.manifest import Facts
from tinykit.link.stream import ByteStream

QEMU_BOARDS = (
    "qemu-mps2-an385",
    "qemu-mps2-an386",
    "qemu-mps2-an500",
    "qemu-mps3-an547",
    "qemu-microbit",
    "qemu-netduinoplus2",
    "qemu-b-l475e",
    "qemu-riscv32",
    "qemu-lx106",
)
RENODE_BOARDS = ("renode-nrf52840", "renode-stm32f405")
EMULATED_BOARDS = (*QEMU_BOARDS, "rp2040js-pico", *RENODE_BOARDS)
FACTS = Facts("probe", "00" * 32, (16,), 1024, 1024, {"weights": 0, "tables": 0})
SOURCE = Path(__file__).with_name("probe.c")


def need_tools(board_name: str) -> None:
    """Skip the test when the board's compiler or emulator is not installed."""
    board = load_board(board_name)
    programs = ["make", f"{board.toolchain.prefix}gcc"]
    if board.builder.kind == "pico-sdk":
        programs += ["cmake", "pico-sdk"]
    for program in programs:
        if find_tool(program) is None:
            pytest.skip(f"{program} is not installed")
    try:
        require_emulator(board)
    except ToolMissing as error:
        pytest.skip(str(error))


def build_probe(board_name: str, folder: Path) -> Image:
    """The probe firmware for a board."""
    need_tools(board_name)
    board = load_board(board_name)
    project = render_sources({"src/probe/probe.c": SOURCE.read_bytes()}, FACTS, board, folder, agent=False)
    return build_project(project)


class Console:
    """Lines to and from the probe."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self._received = b""

    def line(self, timeout: float = 60.0) -> str:
        """The next line, without its end.

        Raises:
            AssertionError: no whole line came in ``timeout`` seconds.
        """
        while b"\n" not in self._received:
            data = self._stream.read(timeout)
            assert data, f"nothing after {timeout} s, only {self._received!r}"
            self._received += data
        line, _, self._received = self._received.partition(b"\n")
        return line.decode()

    def ask(self, command: str) -> str:
        self._stream.write(command.encode() + b"\n")
        return self.line()

    def values(self, command: str) -> dict[str, int]:
        """The answer's name=value pairs."""
        return {name: int(value) for name, value in (pair.split("=") for pair in self.ask(command).split())}
