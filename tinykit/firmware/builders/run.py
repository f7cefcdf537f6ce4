"""Runs a build command, keeps its log, and explains how it failed."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tinykit.emulate.process import ChildProcess
from tinykit.errors import BuildFailed, ToolMissing
from tinykit.files import write_file
from tinykit.firmware.fit import overflow_in
from tinykit.firmware.project import Project

LOG = "build/build.log"
"""In the project folder."""

_LOG_TAIL = 20
_TIMEOUT = 900.0
"""Seconds. The largest reference model takes a few; a compiler that hangs is stopped."""


def run_build(
    project: Project,
    command: Sequence[str],
    environment: Mapping[str, str] | None = None,
    *,
    on_line: Callable[[str], None] | None = None,
) -> str:
    """Run ``command`` in the project's folder.

    Args:
        environment: added to this process's.
        on_line: sees each line of the log as it is written; an error that it raises ends the build.

    Returns:
        The log.

    Raises:
        DoesNotFit: the linker found a memory too small.
        BuildFailed: anything else; shows the log's end and where the whole log is.
    """
    log_path = project.root / LOG
    log_path.parent.mkdir(exist_ok=True)
    # What the caller's own make or shell may have set would change the build.
    inherited = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEFILES")}
    lines: list[str] = []

    def take(line: str) -> None:
        lines.append(line)
        if on_line is not None:
            on_line(line)

    try:
        status = _run(command, project.root, {**inherited, "LC_ALL": "C", **(environment or {})}, take)
    finally:
        log = "".join(lines)
        write_file(log_path, log)
    if status != 0:
        full = overflow_in(log, project.manifest["model"]["name"], project.board)
        if full is not None:
            raise full
        tail = "\n".join(log.strip().splitlines()[-_LOG_TAIL:])
        raise BuildFailed(
            "the firmware did not build",
            where=str(project.root),
            why=f"{project.manifest['compiler']['version']} said:\n{tail}",
            hint=f"the whole log is in {log_path}",
        )
    return log


def _run(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], take: Callable[[str], None]
) -> int | None:
    """Run a command, which ends when this process does, and hand over its output line by line.

    Returns:
        The exit status, or None if it had to be stopped.
    """
    ours, theirs = os.pipe()
    with os.fdopen(ours, "rb") as output:
        try:
            process = ChildProcess(command, output=theirs, cwd=folder, env=environment)
        except OSError as error:
            raise ToolMissing("cannot start the build", where=command[0], why=str(error)) from error
        finally:
            os.close(theirs)
        try:
            deadline = time.monotonic() + _TIMEOUT
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
            take(f"stopped after {_TIMEOUT:.0f} s\n")
            return None
        finally:
            process.stop()
