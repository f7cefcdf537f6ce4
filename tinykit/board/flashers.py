"""What a board file's [flasher] says."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from tinykit.board.table import BoardTable, Choice


class Uf2(BoardTable):
    """Flashing by the drive that the boot loader shows, or by picotool.

    Attributes:
        board_id: the Board-ID in the drive's INFO_UF2.TXT, which is also its label.
    """

    board_id: str = Field(min_length=1)


class Esptool(BoardTable):
    """What esptool has to know of an Espressif board.

    Attributes:
        chip: as esptool names it; another chip on the port is refused.
        flash_mode, flash_freq, flash_size: for the bootloader's header; "keep" leaves what the build put there.
        bootloader, partition_table, app: where each lies in the flash, in bytes. The ESP8266 has one image only, at
            ``app``.
        baud: bits per second while flashing.
        before: how the chip is brought into its loader: by the lines DTR and RTS, over the chip's own USB, or by hand.
        after: how the new firmware is started.
        stub: with esptool's own loader in RAM, which is faster than the ROM's.
    """

    chip: Literal[
        "esp32", "esp32s2", "esp32s3", "esp32c2", "esp32c3", "esp32c5", "esp32c6", "esp32h2", "esp32p4", "esp8266"
    ]  # fmt: skip
    flash_mode: Literal["keep", "qio", "qout", "dio", "dout"] = "keep"
    flash_freq: str = Field(default="keep", pattern=r"^(keep|[0-9]+m)$")
    flash_size: str = Field(default="keep", pattern=r"^(keep|detect|[0-9]+MB)$")
    bootloader: int | None = Field(default=None, ge=0, multiple_of=0x1000)
    partition_table: int = Field(default=0x8000, ge=0, multiple_of=0x1000)
    app: int = Field(default=0x10000, ge=0, multiple_of=0x10000)
    baud: int = Field(default=460800, ge=9600)
    before: Literal["default-reset", "usb-reset", "no-reset"] = "default-reset"
    after: Literal["hard-reset", "watchdog-reset", "no-reset"] = "hard-reset"
    stub: bool = True

    @property
    def is_one_image(self) -> bool:
        """Whether the flash holds one image, without a bootloader or a partition table beside it."""
        return self.chip == "esp8266"

    @model_validator(mode="after")
    def _check_chip(self) -> Esptool:
        if self.is_one_image and self.bootloader is not None:
            raise ValueError("field bootloader: the ESP8266 has none beside its image")
        if self.is_one_image and not self.stub:
            raise ValueError("field stub: the ESP8266's ROM cannot say what is in the flash, esptool's own loader can")
        if not self.is_one_image and self.bootloader is None:
            raise ValueError(f"field bootloader: the {self.chip} needs one")
        return self


class Gdb(BoardTable):
    """Flashing through gdb's `load`.

    Attributes:
        remote: what gdb connects to when the user does not say: "localhost:2331" (J-Link), "/dev/ttyBmpGdb".
        commands: what gdb is told between connecting and loading.
    """

    remote: str | None = Field(default=None, min_length=1)
    commands: tuple[Annotated[str, Field(min_length=1)], ...] = ()


class Pyocd(BoardTable):
    """Flashing with pyOCD.

    Attributes:
        target: as `pyocd list --targets` has it.
        options: of pyOCD's session ("auto_unlock=false").
    """

    target: str = Field(pattern=r"^[a-z0-9_]+$")
    options: tuple[Annotated[str, Field(pattern=r"^[a-z][\w.]*=\S+$")], ...] = ()


class Openocd(BoardTable):
    """Flashing with OpenOCD.

    Attributes:
        config: configuration files of the probe and of the chip, in this order.
        commands: what OpenOCD is told after them ("reset_config srst_only").
    """

    config: tuple[Annotated[str, Field(pattern=r"^[\w./-]+\.cfg$")], ...] = Field(min_length=1)
    commands: tuple[Annotated[str, Field(min_length=1)], ...] = ()


class Dfu(BoardTable):
    """Flashing over USB with dfu-util: the boot loader's vendor:product, and its number for the flash."""

    device: str = Field(pattern=r"^[0-9a-f]{4}:[0-9a-f]{4}$")
    alt: int = Field(default=0, ge=0)


class Flasher(Choice):
    """How an image gets onto the board.

    Attributes:
        kind: "emulator" (loaded at each start), "ssh" (copied), "uf2" (by drive or picotool), "esptool" (over the
            serial port into an Espressif chip), "gdb", "pyocd", "openocd", "dfu", "stm32cube" (with a debug probe or
            over USB), "platformio" (its upload), "coralmicro" (with the program of that platform), or "none" (by
            hand). The user may choose another.
        gdb: needs nothing of the board.
    """

    needing: ClassVar[tuple[str, ...]] = ("uf2", "esptool", "pyocd", "openocd", "dfu")

    kind: Literal[
        "emulator", "ssh", "uf2", "esptool", "gdb", "pyocd", "openocd", "dfu", "stm32cube", "platformio", "coralmicro",
        "none",
    ] = "none"  # fmt: skip
    uf2: Uf2 | None = None
    esptool: Esptool | None = None
    gdb: Gdb = Gdb()
    pyocd: Pyocd | None = None
    openocd: Openocd | None = None
    dfu: Dfu | None = None
