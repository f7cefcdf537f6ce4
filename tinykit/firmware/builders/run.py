"""Runs a build command, keeps its log, and explains how it failed."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence

from tinykit.errors import BuildFailed, ToolMissing
from tinykit.files import write_file
from tinykit.firmware.fit import overflow_in
from tinykit.firmware.project import Project
from tinykit.process import run_lines

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
        environment = {**inherited, "LC_ALL": "C", **(environment or {})}
        status = run_lines(command, take, timeout=_TIMEOUT, cwd=project.root, env=environment)
    except OSError as error:
        raise ToolMissing("cannot start the build", where=command[0], why=error.strerror or str(error)) from error
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
