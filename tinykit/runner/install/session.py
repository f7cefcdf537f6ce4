"""Talks with the host that started this: one request in, lines of JSON out, and a look whether it is still there."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import Any

from tinykit.errors import TinykitError
from tinykit.runner.error_json import encoded


class HostGone(Exception):
    """The host ended the connection: what it asked for is not wanted any more."""


class HostSession:
    """Standard input and output, over ssh.

    The host keeps its end open until it has the result. When that ends, by Ctrl-C or with the line, what was begun is
    undone.
    """

    def __init__(self) -> None:
        self._gone = threading.Event()
        self._committed = False
        self.request: dict[str, Any] = json.loads(_first_line() or "{}")
        threading.Thread(target=self._listen, daemon=True).start()

    def say(self, what: str) -> None:
        """Tell what is being done now, and look whether it is still wanted.

        Raises:
            HostGone: it is not.
        """
        self.check()
        self._send({"progress": what})

    def check(self) -> None:
        """Raises HostGone when the host is gone and nothing was committed yet."""
        if self._gone.is_set() and not self._committed:
            raise HostGone

    def commit(self) -> None:
        """From now on the work is finished, whether anybody waits for it or not."""
        self.check()
        self._committed = True

    def result(self, value: dict[str, Any]) -> None:
        self._send({"result": value})

    def error(self, error: TinykitError) -> None:
        self._send(encoded(error))

    def run(self, command: Sequence[str], timeout: float) -> subprocess.CompletedProcess[str]:
        """Run a program; kill it when the host is gone.

        Raises:
            HostGone: the host is gone.
            subprocess.TimeoutExpired: it took longer.
        """
        with subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            try:
                said = self._collect(process, timeout)
            except BaseException:
                process.kill()
                raise
        return subprocess.CompletedProcess(list(command), process.returncode, said, "")

    def _collect(self, process: subprocess.Popen[str], timeout: float) -> str:
        waited = 0.0
        while True:
            self.check()
            try:
                return process.communicate(timeout=0.2)[0]
            except subprocess.TimeoutExpired:
                waited += 0.2
                if waited >= timeout:
                    raise

    def _listen(self) -> None:
        while os.read(0, 4096):
            pass
        self._gone.set()

    def _send(self, value: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):  # nobody listens any more: ``check`` says so where it matters
            sys.stdout.write(json.dumps(value) + "\n")
            sys.stdout.flush()


def _first_line() -> bytes:
    """Of standard input; not by sys.stdin, whose lock a thread that waits would hold while the interpreter ends."""
    line = bytearray()
    while not line.endswith(b"\n"):
        piece = os.read(0, 1 << 16)
        if not piece:
            break
        line += piece  # the host sends one line and waits
    return bytes(line)
