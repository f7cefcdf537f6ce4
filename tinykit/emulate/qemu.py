"""Boards in QEMU's system emulation."""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path
from types import TracebackType

from tinykit.board import Board
from tinykit.board.emulators import QemuEmulator, QemuEspEmulator
from tinykit.board.tools import require_tool
from tinykit.emulate.base import ProcessStream
from tinykit.emulate.process import ChildProcess
from tinykit.errors import DeviceMissing
from tinykit.link.stream import ByteStream, SocketStream

_FIXED = ("-nodefaults", "-no-user-config", "-display", "none", "-monitor", "none")


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
        return require_tool(self._command[0])

    def _load(self) -> list[str]:
        """The arguments that load the firmware."""
        return ["-kernel", str(self._elf)]

    def __enter__(self) -> ByteStream:
        program = self._program()
        with contextlib.ExitStack() as resources:
            ours, theirs = socket.socketpair()
            resources.callback(ours.close)
            with theirs:
                chardev = f"socket,id=serial0,fd={theirs.fileno()}"
                command = [
                    program, *self._command[1:], *_FIXED,
                    "-chardev", chardev, "-serial", "chardev:serial0",
                    *self._load(),
                ]  # fmt: skip
                try:
                    process = ChildProcess(command, pass_fds=[theirs.fileno()])
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
