"""The Python environment that a release runs in: made once for each set of requirements, whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tinykit.errors import ToolMissing
from tinykit.runner.install.session import HostSession

_PIP_SECONDS = 1800.0
"""A Raspberry Pi Zero 2 on a slow line takes its time."""


WHOLE_FILE = "whole.json"
"""In an environment that was finished: its files and their sizes. Without it an environment counts as damaged."""


def make_venv(
    base: Path, key: str, requirements: list[str], wheels: Mapping[str, str], host: HostSession
) -> tuple[Path, bool]:
    """The environment of that key; made if it is not there, or damaged.

    Args:
        key: of requirements and this Python.
        requirements: for pip; none: an environment without packages.
        wheels: sha256 by file name; with any, pip uses these alone and no network.

    Returns:
        The environment, and whether it was made now.

    Raises:
        ToolMissing: Python's venv is not installed, or pip cannot get a package.
        HostGone: the host is gone.
    """
    venv = base / "venvs" / key
    if is_whole(venv):
        return venv, False
    if venv.exists():
        host.say("the Python environment is damaged")
        # Whoever deploys next is told by this that the wheels are needed again.
        (venv / WHOLE_FILE).unlink(missing_ok=True)
    fresh = base / "venvs" / f".{key}.{os.getpid()}"
    _forget_unfinished(base / "venvs")
    try:
        host.say("making the Python environment")
        made = host.run([sys.executable, "-m", "venv", *([] if requirements else ["--without-pip"]), str(fresh)], 300.0)
        if made.returncode != 0:
            raise ToolMissing(
                "cannot make a Python environment",
                why=_end(made),
                hint=_remedy(made, "on the board: sudo apt-get install -y python3-venv"),
            )
        if requirements:
            host.say(f"installing {', '.join(requirements)}")
            _install(base, fresh, requirements, wheels, host)
        (fresh / WHOLE_FILE).write_text(json.dumps(_sizes(fresh)), encoding="utf-8")
        os.sync()
        shutil.rmtree(venv, ignore_errors=True)
        fresh.rename(venv)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return venv, True


def is_whole(venv: Path) -> bool:
    """Whether an environment was finished, and has its files still, in their sizes."""
    try:
        wanted = json.loads((venv / WHOLE_FILE).read_bytes())
        return (venv / "bin" / "python").exists() and wanted.items() <= _sizes(venv).items()
    except (OSError, ValueError, AttributeError):
        return False


def _sizes(venv: Path) -> dict[str, int]:
    """All files but links and what Python compiles, which comes and goes."""
    return {
        path.relative_to(venv).as_posix(): path.stat().st_size
        for path in venv.rglob("*")
        if path.is_file() and not path.is_symlink() and "__pycache__" not in path.parts
    }


def _install(base: Path, venv: Path, requirements: list[str], wheels: Mapping[str, str], host: HostSession) -> None:
    offline = []
    if wheels:
        folder = venv / "wheels"
        folder.mkdir()
        for name, digest in wheels.items():
            (folder / name).symlink_to(base / "blobs" / digest)
        offline = ["--no-index", "--find-links", str(folder)]
    command = [str(venv / "bin" / "python"), "-m", "pip", "install", "--no-input", "--only-binary", ":all:"]
    # Python compiles what is imported, which is the smallest part of it.
    command += ["--disable-pip-version-check", "--quiet", "--no-compile", *offline, *requirements]
    try:
        run = host.run(command, _PIP_SECONDS)
    except subprocess.TimeoutExpired:
        raise ToolMissing("pip did not end", why=f"not in {_PIP_SECONDS:.0f} s", hint=_OFFLINE) from None
    if run.returncode != 0:
        raise ToolMissing("pip cannot install the runner's packages", why=_end(run), hint=_remedy(run, _OFFLINE))


_OFFLINE = (
    "deploy again, and where the board has no network with the wheels for it: --wheels FOLDER; wheels exist for 64-bit "
    "systems only"
)
_FULL = "No space left on device"
"""What pip and Python say of ENOSPC (errno(3)); both speak English only."""


def _remedy(run: subprocess.CompletedProcess[str], otherwise: str) -> str:
    if _FULL in run.stdout:
        return "the board's disk or its /tmp is full: free space there (`df -h`), then deploy again"
    return otherwise


def _end(run: subprocess.CompletedProcess[str]) -> str:
    lines = [line.strip() for line in run.stdout.splitlines() if line.strip()]
    return "; ".join(lines[-3:]) or f"it ended with status {run.returncode}"


def _forget_unfinished(folder: Path) -> None:
    """What a process that was killed left."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob(".*"):
        pid = path.name.rpartition(".")[2]
        if not (pid.isdigit() and Path(f"/proc/{pid}").exists()):
            shutil.rmtree(path, ignore_errors=True)
