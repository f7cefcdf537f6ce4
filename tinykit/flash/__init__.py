"""Getting an image onto a board. One module per flasher, chosen by the board file's [flasher]."""

from __future__ import annotations

from pathlib import Path

from tinykit.board import Board
from tinykit.errors import BoardError, InputError
from tinykit.firmware import Image
from tinykit.flash.progress import Progress
from tinykit.link import DeviceInfo

__all__ = ["FLASHERS", "Progress", "flash"]

FLASHERS = (
    "emulator", "ssh", "uf2", "esptool", "gdb", "pyocd", "openocd", "dfu", "stm32cube", "platformio", "coralmicro",
    "none",
)  # fmt: skip
"""What a board file's [flasher] may name."""


def flash(
    board: Board,
    image: Image,
    port: str | None = None,
    *,
    flasher: str | None = None,
    drive: Path | None = None,
    probe: str | None = None,
    progress: Progress | None = None,
) -> DeviceInfo | None:
    """Put ``image`` onto the board and see that it is this build that answers.

    Args:
        port: as ``open_board`` takes it.
        flasher: instead of the board's.
        drive: flasher "uf2": the boot loader's drive, where it is not found by itself.
        probe: which debug probe: its serial number, or what gdb connects to, or PlatformIO's ``upload_port``.
        progress: told how far it is, in bytes.

    Returns:
        What the firmware says of itself; None where nobody can ask it, because the flasher works without the serial
        port and none is given.

    Raises:
        BoardError: the board has no flasher, or the board file lacks what the flasher needs.
        InputError: there is no such flasher, or it has no drive and one is given.
        ToolMissing, DeviceMissing, DeviceError: as flashing the board and connecting to it raise them.
    """
    if image.served_at is not None:
        from tinykit.flash.runner import flash_runner

        return flash_runner(board, image, port)
    kind = flasher or board.flasher.kind
    if kind not in FLASHERS:
        raise InputError(f"unknown flasher {kind!r}", hint=f"one of {', '.join(FLASHERS)}")
    if drive is not None and kind != "uf2":
        raise InputError(
            f"flasher {kind} has no drive", where=str(drive), hint="leave --drive away; only flasher uf2 writes to one"
        )
    if kind == "emulator":
        from tinykit.flash.emulator import flash_emulator

        return flash_emulator(board, image, port)
    if kind == "ssh":
        from tinykit.flash.ssh import flash_ssh

        return flash_ssh(board, image, port)
    if kind == "uf2":
        from tinykit.flash.uf2 import flash_uf2

        return flash_uf2(board, image, port, drive, progress)
    if kind == "esptool":
        from tinykit.flash.esptool import flash_esptool

        return flash_esptool(board, image, port, progress)
    # Each is imported where used: none needs what another one needs.
    if kind == "gdb":
        from tinykit.flash.gdb import program_gdb as program
    elif kind == "pyocd":
        from tinykit.flash.pyocd import program_pyocd as program
    elif kind == "openocd":
        from tinykit.flash.openocd import program_openocd as program
    elif kind == "dfu":
        from tinykit.flash.dfu import program_dfu as program
    elif kind == "stm32cube":
        from tinykit.flash.stm32cube import program_stm32cube as program
    elif kind == "platformio":
        from tinykit.flash.platformio import program_platformio as program

        probe = probe or _serial_device(port)
    elif kind == "coralmicro":
        from tinykit.flash.coralmicro import program_coralmicro as program
    else:
        raise BoardError(
            f"{board.name} has no flasher",
            hint=f"put {image.elf} onto it with the tools of its maker, then use --port",
        )
    from tinykit.emulate import check_port, open_board
    from tinykit.link import Client

    if port is not None:
        # Before the chip is written: a name that is wrong should change nothing.
        check_port(port)
    program(board, image, probe, progress)
    if port is None:
        return None

    with open_board(board, image, port) as stream:
        return Client(stream, expected_build=image.build_id).connect()


def _serial_device(port: str | None) -> str | None:
    """``port`` where it is a device's name: other programs do not know our URLs."""
    return None if port is None or "://" in port else port
