"""Flashing through a UF2 boot loader: Raspberry Pi Pico and Pico 2 in BOOTSEL mode."""

from __future__ import annotations

from pathlib import Path

from tinykit.board import Board
from tinykit.emulate import open_board
from tinykit.errors import DeviceMissing, InputError, TinykitError
from tinykit.firmware import Image
from tinykit.firmware.uf2_file import FAMILIES, read_uf2
from tinykit.flash.drive import INFO_FILE, Drive, copy_to_drive, find_drives, read_drive, unmounted
from tinykit.flash.picotool import picotool_load
from tinykit.flash.progress import Progress
from tinykit.flash.tool import lacks_table
from tinykit.link import Client, DeviceInfo

_ALREADY_TIMEOUT = 1.0
"""Seconds to see whether the board runs this build already."""


def flash_uf2(
    board: Board, image: Image, port: str | None, drive: Path | None, progress: Progress | None
) -> DeviceInfo | None:
    """Copy the UF2 file onto the boot loader's drive, or load it with picotool; with a port, then ask the firmware.

    A board that runs this build already is left alone.

    Raises:
        BoardError: the board file has no [flasher.uf2].
        InputError: there is no UF2 file or it is not for this chip; or the drive is not one, or not this chip's.
        DeviceMissing: no board is in BOOTSEL mode; says how to get there.
        DeviceError: what was flashed does not answer.
    """
    _board_id(board)  # a board of another kind is refused before its missing files are
    uf2 = image.elf.with_suffix(".uf2")
    data = _checked(uf2, board)
    if port is not None:
        running = _running(board, image, port)
        if running is not None:
            return running
    chosen = _drive_at(drive, board) if drive is not None else _only_drive(board)
    if chosen is not None:

        def tell(done: int, total: int) -> None:
            if progress is not None:
                progress(f"writing to {chosen.path}", done, total)

        copy_to_drive(data, chosen, uf2.name, tell)
    elif not picotool_load(uf2):
        raise _nothing_there(board)
    if port is None:
        return None
    with open_board(board, image, port) as stream:
        return Client(stream, expected_build=image.build_id).connect()


def _checked(uf2: Path, board: Board) -> bytes:
    """The file's contents, which are for this board's chip."""
    try:
        data = uf2.read_bytes()
        blocks = read_uf2(data)
    except OSError as error:
        raise InputError(
            "cannot read the UF2 file",
            where=str(uf2),
            why=error.strerror or str(error),
            hint="build the firmware again with `tinykit build`",
        ) from None
    except ValueError as error:
        raise InputError("damaged UF2 file", where=str(uf2), why=str(error), hint="build the firmware again") from None
    wanted = board.builder.pico_sdk.uf2_family if board.builder.pico_sdk else None
    found = {block.family for block in blocks}
    if wanted is not None and wanted not in found:
        names = ", ".join(sorted(FAMILIES.get(family, f"0x{family:08x}") for family in found))
        raise InputError(
            f"the UF2 file is not for {board.name}",
            where=str(uf2),
            why=f"its blocks are for {names}, the board takes {FAMILIES.get(wanted, f'0x{wanted:08x}')}",
            hint=f"build it for {board.name}",
        )
    return data


def _running(board: Board, image: Image, port: str) -> DeviceInfo | None:
    """What answers at the port, if that is this build."""
    with open_board(board, image, port) as stream:
        try:
            return Client(stream, expected_build=image.build_id).connect(timeout=_ALREADY_TIMEOUT)
        except TinykitError:
            return None


def _drive_at(path: Path, board: Board) -> Drive:
    drive = read_drive(path)
    if drive is None:
        raise InputError(
            "this is not the drive of a UF2 boot loader",
            where=str(path),
            why=f"it has no {INFO_FILE} with a Board-ID",
            hint="give the folder where the board's drive is mounted, or none: it is then looked for",
        )
    if drive.board_id != _board_id(board):
        raise InputError(
            f"this drive is not one of {board.name}",
            where=str(path),
            why=f"its Board-ID is {drive.board_id}, expected {_board_id(board)}",
            hint="connect the right board, or build for the one that is connected",
        )
    return drive


def _only_drive(board: Board) -> Drive | None:
    drives = [drive for drive in find_drives() if drive.board_id == _board_id(board)]
    if len(drives) > 1:
        raise InputError(
            f"{len(drives)} boards of this kind are in BOOTSEL mode",
            why="their drives are " + ", ".join(str(drive.path) for drive in drives),
            hint="choose one with --drive",
        )
    return drives[0] if drives else None


def _nothing_there(board: Board) -> DeviceMissing:
    label = _board_id(board)
    device = unmounted(label)
    if device is not None:
        return DeviceMissing(
            "the board's drive is connected but not mounted",
            where=str(device),
            hint=f"mount it (`udisksctl mount -b {device}`), or install picotool",
        )
    others = [drive for drive in find_drives() if drive.board_id != label]
    seen = "".join(f"; {drive.path} is the drive of another chip, {drive.board_id}" for drive in others)
    return DeviceMissing(
        f"no {board.name} in BOOTSEL mode found",
        why=f"no drive {label} is mounted, and picotool is not installed or sees no board{seen}",
        hint="hold the board's BOOTSEL button while you connect it to USB (or while you press reset), then try again; "
        "where its drive is mounted elsewhere, give --drive",
    )


def _board_id(board: Board) -> str:
    if board.flasher.uf2 is None:
        raise lacks_table(board.name, "uf2")
    return board.flasher.uf2.board_id
