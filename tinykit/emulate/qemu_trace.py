"""QEMU with a log of what it executes, that can be begun and ended while it runs."""

from __future__ import annotations

import contextlib
import socket
import time
from pathlib import Path

from tinykit.board import Board
from tinykit.emulate.qemu import Qemu
from tinykit.errors import DeviceDied

_PROMPT = b"(qemu) "
_TIMEOUT = 10.0


class TracingQemu(Qemu):
    """A QEMU whose monitor is told when to log.

    Blocks that were translated before are translated again when the log begins, as ``nochain`` is part of how; so their
    instructions are in it, too.

    Args:
        log: the file that QEMU writes.

    Raises:
        ToolMissing, DeviceMissing: as ``Qemu``, on entry.
    """

    def __init__(self, board: Board, elf: Path, log: Path) -> None:
        super().__init__(board, elf)
        self._log = log
        self._monitor: socket.socket | None = None

    def _open_monitor(self, resources: contextlib.ExitStack) -> tuple[list[str], list[socket.socket]]:
        ours, theirs = socket.socketpair()
        ours.settimeout(_TIMEOUT)
        self._monitor = ours
        resources.callback(ours.close)
        chardev = f"socket,id=monitor0,fd={theirs.fileno()}"
        return ["-D", str(self._log), "-chardev", chardev, "-mon", "chardev=monitor0,mode=readline"], [theirs]

    def begin(self) -> None:
        """Log from here on: instructions of each block when it is translated, and each execution of one.

        Raises:
            DeviceDied: QEMU's monitor does not answer.
        """
        # every block by itself (nochain): of blocks that jump to each other only the first would be logged
        self._command_monitor("log in_asm,exec,nochain")

    def end(self) -> None:
        """No further, and all of it is in the file.

        Raises:
            DeviceDied: QEMU's monitor does not answer.
        """
        # stopped meanwhile: a processor that runs would finish the lines that it has begun after the monitor's answer
        for command in ("stop", "log none", "cont"):
            self._command_monitor(command)

    def _command_monitor(self, text: str) -> None:
        assert self._monitor is not None, "the emulator is not running"
        received = b""
        deadline = time.monotonic() + _TIMEOUT
        try:
            self._monitor.sendall(f"{text}\n".encode())
            # the echo, a new line, whatever the command prints, and the prompt for the next one
            while not (b"\n" in received.partition(text[-1].encode())[2] and received.endswith(_PROMPT)):
                more = self._monitor.recv(4096)
                if not more or time.monotonic() > deadline:
                    raise TimeoutError
                received += more
        except OSError:
            raise DeviceDied(
                f"{self._board.name}: QEMU's monitor does not answer",
                why=f"after {text!r} it said {received[-200:]!r}",
            ) from None
