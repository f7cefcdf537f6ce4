"""The firmware as a process of this computer, on a pseudo-terminal: directly, or in QEMU's user-mode emulation."""

from __future__ import annotations

import contextlib
import os
import pty
import tty
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from tinykit.board import Board
from tinykit.board.tools import require_tool
from tinykit.emulate.base import ProcessStream
from tinykit.errors import DeviceMissing
from tinykit.link.stream import ByteStream, FdStream
from tinykit.process import ChildProcess


class Native:
    """A program whose standard input and output are a pseudo-terminal in raw mode.

    Args:
        launcher: program and arguments that run the firmware, where this computer cannot itself.

    Raises:
        ToolMissing: the launcher is not installed (on entry).
        DeviceMissing: the program cannot be started (on entry).
    """

    def __init__(self, board: Board, elf: Path, launcher: Sequence[str] = ()) -> None:
        self._board = board
        self._elf = elf
        self._launcher = tuple(launcher)
        self._resources = contextlib.ExitStack()
        self._process: ChildProcess | None = None

    @property
    def pid(self) -> int | None:
        """The program's process id, from entry on."""
        return self._process.pid if self._process else None

    def __enter__(self) -> ByteStream:
        launcher = [require_tool(self._launcher[0]), *self._launcher[1:]] if self._launcher else []
        # A firmware that resets itself starts its program file again, which needs the launcher as well.
        environment = {**os.environ, "TK_LAUNCHER": launcher[0]} if launcher else None
        with contextlib.ExitStack() as resources:
            ours, theirs = pty.openpty()
            stream = FdStream(ours, f"{self._board.name} process")
            resources.callback(stream.close)
            try:
                tty.setraw(theirs)
                process = ChildProcess([*launcher, str(self._elf.resolve())], stdio=theirs, env=environment)
            except OSError as error:
                raise DeviceMissing("cannot start the firmware", where=str(self._elf), why=str(error)) from error
            finally:
                os.close(theirs)
            self._process = process
            resources.callback(process.stop)
            self._resources = resources.pop_all()
        return ProcessStream(stream, process, stream.description)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._resources.close()
