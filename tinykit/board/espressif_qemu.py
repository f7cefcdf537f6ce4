"""Espressif's fork of QEMU, which has their chips: where it is, and what installs it."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path

_PACKAGES = {"qemu-system-xtensa": "qemu-xtensa", "qemu-system-riscv32": "qemu-riscv32"}
"""As ESP-IDF's idf_tools.py names them."""


def find_with_machine(name: str, machine: str) -> str | None:
    """The first program of that name that has the machine: distributions have one without Espressif's."""
    return next((program for program in qemu_programs(name) if machine in _machines(program)), None)


def install_words(name: str) -> str:
    """What to do to get it."""
    return (
        f"`python $IDF_PATH/tools/idf_tools.py install {_PACKAGES.get(name, name)}`, "
        "or put one of https://github.com/espressif/qemu/releases on PATH"
    )


def qemu_programs(name: str) -> list[str]:
    """All programs of that name: on PATH, then among ESP-IDF's tools."""
    tools = Path(os.environ.get("IDF_TOOLS_PATH", "") or Path.home() / ".espressif") / "tools"
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    # idf_tools.py: tools/<package>/<version>/qemu/bin; the latest first.
    folders += sorted(tools.glob(f"{_PACKAGES.get(name, name)}/*/qemu/bin"), reverse=True)
    found = [shutil.which(name, path=str(folder)) for folder in folders]
    return list(dict.fromkeys(os.path.realpath(path) for path in found if path is not None))


@lru_cache
def _machines(program: str) -> frozenset[str]:
    """Names of the machines a QEMU has; none where it does not run."""
    try:
        run = subprocess.run(
            [program, "-M", "help"], capture_output=True, text=True, timeout=20, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return frozenset()
    return frozenset(line.split()[0] for line in run.stdout.splitlines()[1:] if line.strip())
