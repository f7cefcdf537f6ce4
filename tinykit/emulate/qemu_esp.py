"""Boards in Espressif's fork of QEMU: the chip's ROM starts the boot loader from the flash image.

Source: https://github.com/espressif/esp-toolchain-docs, qemu.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path

from tinykit.board import Board
from tinykit.board.emulators import FLASH_IMAGE, QemuEspEmulator
from tinykit.emulate.qemu import Qemu
from tinykit.errors import InputError, ToolMissing

_PACKAGES = {"qemu-system-xtensa": "qemu-xtensa", "qemu-system-riscv32": "qemu-riscv32"}
"""As ESP-IDF's idf_tools.py names them."""


class QemuEsp(Qemu):
    """QEMU started with the flash image beside ``elf``. What the firmware writes to its flash is gone afterwards.

    Raises:
        ToolMissing: Espressif's QEMU is not installed (on entry).
        InputError: there is no flash image (on entry).
        DeviceMissing: QEMU cannot be started (on entry).
    """

    def __init__(self, board: Board, elf: Path) -> None:
        super().__init__(board, elf)
        assert isinstance(board.emulator, QemuEspEmulator)
        self._settings = board.emulator
        self._image = elf.with_name(FLASH_IMAGE)

    def _program(self) -> str:
        return find_fork(self._settings)

    def _load(self) -> list[str]:
        if not self._image.is_file():
            raise InputError(
                "no flash image", where=str(self._image), why="the emulator starts it", hint="build the firmware again"
            )
        # In QEMU's options a comma ends a value; two are one.
        name = str(self._image.resolve()).replace(",", ",,")
        return ["-drive", f"file={name},if=mtd,format=raw,snapshot=on"]


def find_fork(settings: QemuEspEmulator) -> str:
    """Path of a QEMU that has the board's machine: of all on PATH, then of those that ESP-IDF installed.

    Distributions have a QEMU of the same name without these machines.

    Raises:
        ToolMissing: there is none; says what was looked at.
    """
    name = settings.command[0]
    programs = _programs(name)
    for program in programs:
        if settings.machine in _machines(program):
            return program
    package = _PACKAGES.get(name, name)
    if programs:
        why = f"no QEMU found has a machine {settings.machine!r}: only Espressif's own has"
    else:
        why = "it is neither on PATH nor among ESP-IDF's tools"
    raise ToolMissing(
        f"Espressif's {name} not found",
        where=", ".join(programs) or None,
        why=why,
        hint=f"`python $IDF_PATH/tools/idf_tools.py install {package}`, "
        "or put one of https://github.com/espressif/qemu/releases on PATH",
    )


def _programs(name: str) -> list[str]:
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
