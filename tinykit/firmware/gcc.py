"""Builds a project with make and a gcc."""

from __future__ import annotations

import os
import subprocess

from tinykit.board.tools import require_tool
from tinykit.errors import BuildFailed
from tinykit.files import write_file
from tinykit.firmware.fit import overflow_in
from tinykit.firmware.image import Image, image_of
from tinykit.firmware.project import Project
from tinykit.firmware.render import find_compiler

_LOG_TAIL = 20
_TIMEOUT = 900.0
"""Seconds. The largest reference model takes a few; a compiler that hangs is stopped."""


def build_project(project: Project, *, jobs: int | None = None) -> Image:
    """Compile and link a project.

    Args:
        jobs: compilers at a time; the number of processors by default.

    Raises:
        ToolMissing: make or the compiler is not installed.
        DoesNotFit: the linker found a memory too small.
        BuildFailed: anything else; shows the log's end and where the whole log is.
    """
    make = require_tool("make")
    compiler = find_compiler(project.board)
    command = [make, f"-j{jobs or os.cpu_count() or 1}"]
    if project.board.is_host:
        command.append(f"CC={compiler['command']}")
    log_path = project.root / "build" / "build.log"
    log_path.parent.mkdir(exist_ok=True)
    # What the caller's own make or shell may have set would change the build.
    environment = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEFILES")}
    try:
        run = subprocess.run(
            command,
            cwd=project.root,
            env={**environment, "LC_ALL": "C"},
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
            why=f"{compiler['version']} said:\n{tail}",
            hint=f"the whole log is in {log_path}",
        )
    return image_of(project)
