"""Runs a program to its end, with its output line by line; it ends when this process does."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tinykit.process.child import ChildProcess

_LOOK = 0.1
"""Seconds between two looks at whether the program has ended though its output has not."""
_LONGEST = 1 << 20
"""Bytes of a line that are waited for."""


def run_lines(
    command: Sequence[str],
    take: Callable[[str], None],
    *,
    timeout: float,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    spared: bool = False,
    leaves: bool = False,
) -> int | None:
    """Run a command and hand over what it writes, standard error included.

    The program's own end counts, not that of its output, which something that it started may hold open.

    Args:
        take: called with each line, its end included; an error that it raises ends the program. What has no end within
            1 MiB is handed over in pieces.
        timeout: seconds until the program is stopped.
        spared: ``kill_all`` does not end it.
        leaves: what it started and left running when it ended goes on; else that is ended.

    Returns:
        The exit status (negative: the signal that ended it), or None if it had to be stopped.

    Raises:
        OSError: it cannot be started.
    """
    ours, theirs = os.pipe()
    with os.fdopen(ours, "rb") as output:
        try:
            process = ChildProcess(command, output=theirs, cwd=cwd, env=env, spared=spared)
        finally:
            os.close(theirs)
        status = None
        try:
            began = time.monotonic()
            rest = b""
            while (left := began + timeout - time.monotonic()) > 0:
                if status is None:
                    status = process.exit_status()
                # once it has ended: what it wrote is there already
                if select.select([output], [], [], 0 if status is not None else min(left, _LOOK))[0]:
                    data = os.read(ours, 65536)
                    if not data:
                        status = process.exit_status(timeout=10.0)
                        break
                    *whole, rest = (rest + data).split(b"\n")
                    for line in whole:
                        take(line.decode(errors="replace") + "\n")
                    if len(rest) > _LONGEST:
                        take(rest.decode(errors="replace"))
                        rest = b""
                elif status is not None:
                    break
            if rest:
                take(rest.decode(errors="replace"))
            if status is None:
                take(f"stopped after {time.monotonic() - began:.0f} s\n")
            return status
        finally:
            if leaves and status is not None:
                process.leave()
            else:
                process.stop()
