"""Getting an image onto a board. One module per flasher, chosen by the board file's [flasher]."""

from __future__ import annotations

from tinykit.board import Board
from tinykit.errors import BoardError, InputError
from tinykit.firmware import Image
from tinykit.flash.progress import Progress
from tinykit.link import DeviceInfo

__all__ = ["FLASHERS", "Progress", "flash"]

FLASHERS = ("emulator", "gdb", "pyocd", "openocd", "dfu", "none")
"""What a board file's [flasher] may name."""


def flash(
    board: Board,
    image: Image,
    port: str | None = None,
    progress: Progress | None = None,
    *,
    flasher: str | None = None,
    probe: str | None = None,
) -> DeviceInfo | None:
    """Put ``image`` onto the board and see that it is this build that answers.

    Args:
        port: the board's serial port, as ``open_board`` takes it.
        progress: told how far it is, in bytes.
        flasher: instead of the board's.
        probe: which debug probe: its serial number, or what gdb connects to.

    Returns:
        What the firmware says of itself; None where it was written, but nobody can ask it because no
        serial port is given.

    Raises:
        BoardError: the board has no flasher, or the board file lacks what the flasher needs.
        InputError: there is no such flasher.
        ToolMissing, DeviceMissing, DeviceError: as flashing the board and connecting to it raise them.
    """
    kind = flasher or board.flasher.kind
    if kind not in FLASHERS:
        raise InputError(f"unknown flasher {kind!r}", hint=f"one of {', '.join(FLASHERS)}")
    if kind == "emulator":
        from tinykit.flash.emulator import flash_emulator

        return flash_emulator(board, image, port)
    # Each is imported where used: none needs what another one needs.
    if kind == "gdb":
        from tinykit.flash.gdb import program_gdb as program
    elif kind == "pyocd":
        from tinykit.flash.pyocd import program_pyocd as program
    elif kind == "openocd":
        from tinykit.flash.openocd import program_openocd as program
    elif kind == "dfu":
        from tinykit.flash.dfu import program_dfu as program
    else:
        raise BoardError(
            f"{board.name} has no flasher",
            hint=f"put {image.elf} onto it with the tools of its maker, then use --port",
        )
    program(board, image, probe, progress)
    if port is None:
        return None
    from tinykit.emulate import open_board
    from tinykit.link import Client

    with open_board(board, image, port) as stream:
        return Client(stream, expected_build=image.build_id).connect()
