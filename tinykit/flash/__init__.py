"""Getting an image onto a board. One module per flasher, chosen by the board file's [flasher]."""

from __future__ import annotations

from tinykit.board import Board
from tinykit.errors import BoardError
from tinykit.firmware import Image
from tinykit.flash.progress import Progress
from tinykit.link import DeviceInfo

__all__ = ["Progress", "flash"]


def flash(board: Board, image: Image, port: str | None = None, progress: Progress | None = None) -> DeviceInfo:
    """Put ``image`` onto the board and see that it is this build that answers.

    Args:
        port: as ``open_board`` takes it.
        progress: told how far it is, in bytes.

    Returns:
        What the firmware says of itself.

    Raises:
        BoardError: the board has no flasher.
        ToolMissing, DeviceMissing, DeviceError: as starting the board and connecting to it raise them.
    """
    if board.flasher.kind == "emulator":
        from tinykit.flash.emulator import flash_emulator

        return flash_emulator(board, image, port)
    if board.flasher.kind == "esptool":
        from tinykit.flash.esptool import flash_esptool

        return flash_esptool(board, image, port, progress)
    raise BoardError(
        f"{board.name} has no flasher",
        hint=f"put {image.elf} onto it with the tools of its maker, then use --port",
    )
