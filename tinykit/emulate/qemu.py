"""Boards in QEMU's system emulation."""

from __future__ import annotations

import contextlib
import re
import socket
from functools import lru_cache
from pathlib import Path
from types import TracebackType

from tinykit.board import Board
from tinykit.board.emulators import QemuEmulator, QemuEspEmulator
from tinykit.board.tools import program_version, require_tool
from tinykit.emulate.base import ProcessStream
from tinykit.errors import DeviceMissing, ToolMissing
from tinykit.link.stream import ByteStream, SocketStream
from tinykit.process import ChildProcess

_FIXED = ("-nodefaults", "-no-user-config", "-display", "none")


def require_qemu(board: Board) -> str:
    """Absolute path of the board's QEMU.

    Raises:
        ToolMissing: it is not installed, or too old for the board's machine.
    """
    assert isinstance(board.emulator, QemuEmulator)
    name, needed = board.emulator.command[0], board.emulator.min_version
    program = require_tool(name)
    if needed:
        version = _version(program)
        found = re.search(r"version (\d+)", version)
        if found is not None and int(found[1]) < needed:
            raise ToolMissing(
                f"{board.name} needs QEMU {needed} or newer",
                where=program,
                why=f"this is {version}",
                hint="Debian 12 has it in bookworm-backports: apt-get install -t bookworm-backports "
                "qemu-system-arm; another one can be put first on PATH",
            )
    return program


@lru_cache
def _version(program: str) -> str:
    return program_version([program]) or "of an unknown version"


class Qemu:
    """QEMU with a firmware, its first serial port one end of a socket pair: no port number, no file, and not a byte
    of the banner is lost.

    Raises:
        ToolMissing: QEMU is not installed (on entry).
        DeviceMissing: it cannot be started (on entry).
    """

    def __init__(self, board: Board, elf: Path) -> None:
        assert isinstance(board.emulator, (QemuEmulator, QemuEspEmulator))
        self._board = board
        self._command = board.emulator.command
        self._elf = elf
        self._resources = contextlib.ExitStack()
        self._process: ChildProcess | None = None

    @property
    def pid(self) -> int | None:
        """QEMU's process id, from entry on."""
        return self._process.pid if self._process else None

    def _program(self) -> str:
        """The program's path."""
        return require_qemu(self._board)

    def _load(self) -> list[str]:
        """The arguments that load the firmware."""
        return ["-kernel", str(self._elf)]

    def _open_monitor(self, resources: contextlib.ExitStack) -> tuple[list[str], list[socket.socket]]:
        """Arguments that say where QEMU's monitor is, and sockets that are QEMU's. Ours go to ``resources``."""
        return ["-monitor", "none"], []

    def __enter__(self) -> ByteStream:
        program = self._program()
        with contextlib.ExitStack() as resources:
            ours, theirs = socket.socketpair()
            resources.callback(ours.close)
            monitor, more = self._open_monitor(resources)
            with contextlib.ExitStack() as handed_over:
                for other in (theirs, *more):
                    handed_over.callback(other.close)
                chardev = f"socket,id=serial0,fd={theirs.fileno()}"
                command = [
                    program, *self._command[1:], *_FIXED, *monitor,
                    "-chardev", chardev, "-serial", "chardev:serial0",
                    *self._load(),
                ]  # fmt: skip
                try:
                    process = ChildProcess(command, pass_fds=[other.fileno() for other in (theirs, *more)])
                except OSError as error:
                    raise DeviceMissing("cannot start QEMU", where=program, why=str(error)) from error
            self._process = process
            resources.callback(process.stop)
            description = f"{self._board.name} in {self._command[0]}"
            stream = ProcessStream(SocketStream(ours, description), process, description, gather=True)
            self._resources = resources.pop_all()
        return stream

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._resources.close()
