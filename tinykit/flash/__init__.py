"""Getting an image onto a board. One module per flasher, chosen by the board file's [flasher]."""

from __future__ import annotations

from pathlib import Path

from tinykit.board import Board
from tinykit.errors import BoardError
from tinykit.firmware import Image
from tinykit.flash.progress import Progress
from tinykit.link import DeviceInfo

__all__ = ["Progress", "flash"]


def flash(
    board: Board,
    image: Image,
    port: str | None = None,
    *,
    drive: Path | None = None,
    progress: Progress | None = None,
) -> DeviceInfo | None:
    """Put ``image`` onto the board and see that it is this build that answers.

    Args:
        port: as ``open_board`` takes it.
        progress: told how far it is, in bytes.
        drive: flasher "uf2": the boot loader's drive, where it is not found by itself.

    Returns:
        What the firmware says of itself; None where nobody can ask it, because the flasher works without the serial
        port and none is given.

    Raises:
        BoardError: the board has no flasher.
        ToolMissing, DeviceMissing, DeviceError: as starting the board and connecting to it raise them.
    """
    if board.flasher.kind == "emulator":
        from tinykit.flash.emulator import flash_emulator

        return flash_emulator(board, image, port)
    if board.flasher.kind == "ssh":
        from tinykit.flash.ssh import flash_ssh

        return flash_ssh(board, image, port)
    if board.flasher.kind == "uf2":
        from tinykit.flash.uf2 import flash_uf2

        return flash_uf2(board, image, port, drive, progress)
    if board.flasher.kind == "esptool":
        from tinykit.flash.esptool import flash_esptool

        return flash_esptool(board, image, port, progress)
    raise BoardError(
        f"{board.name} has no flasher",
        hint=f"put {image.elf} onto it with the tools of its maker, then use --port",
    )
