"""Boards in Espressif's fork of QEMU: the chip's ROM starts the boot loader from the flash image.

Source: https://github.com/espressif/esp-toolchain-docs, qemu.
"""

from __future__ import annotations

from pathlib import Path

from tinykit.board import Board
from tinykit.board.emulators import FLASH_IMAGE, QemuEspEmulator
from tinykit.board.espressif_qemu import find_with_machine, install_words, qemu_programs
from tinykit.emulate.qemu import Qemu
from tinykit.errors import InputError, ToolMissing


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
    found = find_with_machine(name, settings.machine)
    if found is not None:
        return found
    programs = qemu_programs(name)
    if programs:
        why = f"no QEMU found has a machine {settings.machine!r}: only Espressif's own has"
    else:
        why = "it is neither on PATH nor among ESP-IDF's tools"
    raise ToolMissing(
        f"Espressif's {name} not found",
        where=", ".join(programs) or None,
        why=why,
        hint=install_words(name),
    )
