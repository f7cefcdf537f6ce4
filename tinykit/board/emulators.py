"""What a board file's [emulator] says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Union

from pydantic import Field, model_validator

from tinykit.board.table import BoardTable

if TYPE_CHECKING:
    from typing_extensions import Self


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


class RenodeEmulator(BoardTable):
    """Renode: one of the platforms it ships, a description of our own, or the one changed by the other.

    Attributes:
        platform: path of a platform description inside Renode ("platforms/cpus/nrf52840.repl").
        description: text in Renode's platform language; comes after the platform and may change it.
        uart: name of the serial port's peripheral.
        cpu: name of the core's.
        mips: millions of instructions in a second of the emulated time.
        commands: what Renode's Monitor is told after the platform is loaded, one command each.
    """

    kind: Literal["renode"]
    platform: str | None = Field(default=None, pattern=r"^platforms/[A-Za-z0-9_./-]+\.repl$")
    description: str = ""
    uart: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    cpu: str = Field(default="cpu", pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    mips: int = Field(default=100, gt=0, le=10_000)
    commands: tuple[Annotated[str, Field(pattern=r"^[^\r\n]+$")], ...] = ()

    @model_validator(mode="after")
    def _check_source(self) -> Self:
        if self.platform is None and not self.description.strip():
            raise ValueError("needs a platform, a description, or both")
        return self


class QemuEspEmulator(BoardTable):
    """Espressif's fork of QEMU, whose machines start from a flash image as the chips do, ROM first.

    Attributes:
        command: QEMU's program and arguments, the machine ("-M") among them; the emulator adds flash image, serial
            port and "no display".
        flash_size: of the emulated flash chip; the machines take these sizes and no others.
    """

    kind: Literal["qemu-esp"]
    command: tuple[str, ...] = Field(min_length=1)
    flash_size: Literal["2MB", "4MB", "8MB", "16MB"] = "4MB"

    @property
    def machine(self) -> str:
        """The machine's name."""
        return self.command[self.command.index("-M") + 1]

    @model_validator(mode="after")
    def _check_machine(self) -> Self:
        if "-M" not in self.command[:-1]:
            raise ValueError('command: names no machine ("-M", "esp32")')
        return self


FLASH_IMAGE = "flash_image.bin"
"""What kind "qemu-esp" starts: all of the flash in one file, beside the program."""

Emulator = Annotated[
    Union[QemuEmulator, NativeEmulator, UserEmulator, Rp2040jsEmulator, RenodeEmulator, QemuEspEmulator],
    Field(discriminator="kind"),
]
EMULATOR_KINDS = ("qemu", "native", "qemu-user", "rp2040js", "renode", "qemu-esp")
