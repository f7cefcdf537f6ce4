"""A test's stand-in for a helper board with an INA226: it speaks the format of docs/energy.md on a pseudo-terminal.

No part of it is the real thing: it measures nothing, but sends what the test tells it to.
"""

from __future__ import annotations

import os
import threading
import tty
from types import TracebackType


class InaHelper:
    """Answers "start" with the head and ``lines``, "stop" with the end; ``port`` is what to open."""

    def __init__(self, lines: list[str], *, head: str = "# tinykit-ina 1 INA226 1000", sent: int | None = None) -> None:
        self._lines = lines
        self._head = head
        self._sent = len(lines) if sent is None else sent
        self._ours, self._theirs = os.openpty()
        tty.setraw(self._theirs)
        self.port = os.ttyname(self._theirs)
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> InaHelper:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._theirs)
        self._thread.join(5)
        os.close(self._ours)

    def _serve(self) -> None:
        received = b""
        while True:
            try:
                received += os.read(self._ours, 100)
            except OSError:  # the other end is closed
                return
            *commands, received = received.split(b"\n")
            for command in commands:
                if command == b"start":
                    self._send("stale line", self._head, *self._lines)
                elif command == b"stop":
                    self._send(f"# end {self._sent}")

    def _send(self, *lines: str) -> None:
        os.write(self._ours, "".join(f"{line}\r\n" for line in lines).encode())
