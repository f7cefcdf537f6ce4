"""Machines in QEMU that start without firmware, with a gdb server to flash them through."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tinykit.board import load_board
from tinykit.board.emulators import QemuEmulator
from tinykit.process import ChildProcess


def free_port() -> int:
    """A TCP port that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def empty_machine(board_name: str, folder: Path, uart: int = 0) -> Iterator[tuple[str, str]]:
    """A stopped machine without firmware: gdb's address and the URL of its serial port, the ``uart``-th."""
    emulator = load_board(board_name).emulator
    assert isinstance(emulator, QemuEmulator)
    gdb, serial = folder / "gdb", free_port()
    process = ChildProcess(
        [*emulator.command, "-nodefaults", "-display", "none", "-monitor", "none", "-S",
         "-gdb", f"unix:{gdb},server=on,wait=off",
         *["-serial", "null"] * uart, "-serial", f"tcp:127.0.0.1:{serial},server=on,wait=off"]
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 20
        while not gdb.is_socket():
            assert process.exit_status() is None, process.obituary()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield str(gdb), f"socket://127.0.0.1:{serial}"
    finally:
        process.stop()
