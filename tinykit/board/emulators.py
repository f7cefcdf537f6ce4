"""What a board file's [emulator] says."""

from __future__ import annotations

from typing import Annotated, Literal, Union

from pydantic import Field

from tinykit.board.table import BoardTable


class QemuEmulator(BoardTable):
    """QEMU's program and arguments; the emulator adds kernel, serial port and "no display".

    Attributes:
        min_version: the first major version of QEMU that has the machine.
    """

    kind: Literal["qemu"]
    command: tuple[str, ...] = Field(min_length=1)
    min_version: int = Field(default=0, ge=0)


class NativeEmulator(BoardTable):
    """The firmware is a program of this computer."""

    kind: Literal["native"]


class UserEmulator(BoardTable):
    """The firmware is a Linux program of another processor, run here by QEMU's user-mode emulation.

    What it computes is the other processor's, how long it takes is this computer's.

    Attributes:
        command: QEMU's program and arguments ("qemu-aarch64-static"); the emulator adds the firmware.
    """

    kind: Literal["qemu-user"]
    command: tuple[str, ...] = Field(min_length=1)


class Rp2040jsEmulator(BoardTable):
    """The npm package rp2040js: a whole RP2040, started from the firmware's UF2 file."""

    kind: Literal["rp2040js"]


Emulator = Annotated[Union[QemuEmulator, NativeEmulator, UserEmulator, Rp2040jsEmulator], Field(discriminator="kind")]
EMULATOR_KINDS = ("qemu", "native", "qemu-user", "rp2040js")
