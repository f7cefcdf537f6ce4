"""The Python environment that a release runs in: made once for each set of requirements, whole or not at all."""

from __future__ import annotations

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


def make_venv(base: Path, key: str, requirements: list[str], wheels: Mapping[str, str], host: HostSession) -> Path:
    """The environment of that key; made if it is not there.

    Args:
        key: of requirements and this Python.
        requirements: for pip; none: an environment without packages.
        wheels: sha256 by file name; with any, pip uses these alone and no network.

    Raises:
        ToolMissing: Python's venv is not installed, or pip cannot get a package.
        HostGone: the host is gone.
    """
    venv = base / "venvs" / key
    if (venv / "bin" / "python").exists():
        return venv
    fresh = base / "venvs" / f".{key}.{os.getpid()}"
    _forget_unfinished(base / "venvs")
    try:
        host.say("making the Python environment")
        made = host.run([sys.executable, "-m", "venv", *([] if requirements else ["--without-pip"]), str(fresh)], 300.0)
        if made.returncode != 0:
            raise ToolMissing(
                "cannot make a Python environment",
                why=_end(made),
                hint="on the board: sudo apt-get install -y python3-venv",
            )
        if requirements:
            host.say(f"installing {', '.join(requirements)}")
            _install(base, fresh, requirements, wheels, host)
        fresh.rename(venv)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return venv


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
        raise ToolMissing("pip cannot install the runner's packages", why=_end(run), hint=_OFFLINE)


_OFFLINE = (
    "where the board has no network, give the wheels for it: --wheels FOLDER; wheels exist for 64-bit systems only"
)


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
