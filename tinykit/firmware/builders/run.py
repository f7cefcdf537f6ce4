"""Runs a build command, keeps its log, and explains how it failed."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence

from tinykit.errors import BuildFailed
from tinykit.files import write_file
from tinykit.firmware.fit import overflow_in
from tinykit.firmware.project import Project

LOG = "build/build.log"
"""In the project folder."""

_LOG_TAIL = 20
_TIMEOUT = 900.0
"""Seconds. The largest reference model takes a few; a compiler that hangs is stopped."""


def run_build(project: Project, command: Sequence[str], environment: Mapping[str, str] | None = None) -> str:
    """Run ``command`` in the project's folder.

    Args:
        environment: added to this process's.

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
    try:
        run = subprocess.run(
            command,
            cwd=project.root,
            env={**inherited, "LC_ALL": "C", **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=_TIMEOUT,
            check=False,
        )
        log, failed = run.stdout, run.returncode != 0
    except subprocess.TimeoutExpired as error:
        output = error.stdout or b""
        log = output.decode(errors="replace") if isinstance(output, bytes) else output
        log += f"\nstopped after {_TIMEOUT:.0f} s\n"
        failed = True
    write_file(log_path, log)
    if failed:
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
