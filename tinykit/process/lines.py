"""Runs a program to its end, with its output line by line; it ends when this process does."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tinykit.process.child import ChildProcess

_LONGEST = 1 << 20
"""Bytes of a line that are waited for."""


def run_lines(
    command: Sequence[str],
    take: Callable[[str], None],
    *,
    timeout: float,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> int | None:
    """Run a command and hand over what it writes, standard error included.

    Args:
        take: called with each line, its end included; an error that it raises ends the program. What has no end within
            1 MiB is handed over in pieces.
        timeout: seconds until the program is stopped.

    Returns:
        The exit status (negative: the signal that ended it), or None if it had to be stopped.

    Raises:
        OSError: it cannot be started.
    """
    ours, theirs = os.pipe()
    with os.fdopen(ours, "rb") as output:
        try:
            process = ChildProcess(command, output=theirs, cwd=cwd, env=env)
        finally:
            os.close(theirs)
        try:
            deadline = time.monotonic() + timeout
            rest = b""
            while select.select([output], [], [], max(0.0, deadline - time.monotonic()))[0]:
                data = os.read(ours, 65536)
                if not data:
                    if rest:
                        take(rest.decode(errors="replace"))
                    return process.exit_status(timeout=10.0)
                *whole, rest = (rest + data).split(b"\n")
                for line in whole:
                    take(line.decode(errors="replace") + "\n")
                if len(rest) > _LONGEST:
                    take(rest.decode(errors="replace"))
                    rest = b""
            take(f"stopped after {timeout:.0f} s\n")
            return None
        finally:
            process.stop()
