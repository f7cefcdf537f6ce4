"""Board files: finding, reading and explaining what is wrong with them."""

from __future__ import annotations

import difflib
from pathlib import Path

from tinykit.board.emulators import EMULATOR_KINDS
from tinykit.board.family import FamilyFolders, has_family
from tinykit.board.model import Board
from tinykit.board.port_check import port_faults
from tinykit.errors import BoardError
from tinykit.resources import data_dir
from tinykit.tables import read_table

_HINT = "compare with the files in boards/, described in docs/porting.md"


def load_board(name_or_path: str | Path) -> Board:
    """The board of that name or alias, or the one in that ``.toml`` file.

    Raises:
        BoardError: there is no such board or file, or the file is wrong; names the field and the allowed values.
    """
    text = str(name_or_path)
    if text.endswith(".toml") or "/" in text:
        return _read(Path(text))
    path = data_dir("boards") / f"{text}.toml"
    if not path.is_file():
        named = next((board for board in list_boards() if text in board.aliases), None)
        if named is None:
            raise _unknown(text)
        return named
    return _read(path)


def list_boards() -> list[Board]:
    """All boards that come with tinykit, by name."""
    return [_read(path) for path in sorted(data_dir("boards").glob("*.toml"), key=lambda path: path.stem)]


def boards_on_usb(usb_id: str | None) -> list[str]:
    """Names of the boards that may be behind a USB device "vid:pid"."""
    return [board.name for board in list_boards() if usb_id in board.usb]


def _unknown(name: str) -> BoardError:
    names = sorted(path.stem for path in data_dir("boards").glob("*.toml"))
    lowered = name.lower()
    likeness = {n: difflib.SequenceMatcher(None, lowered, n).ratio() for n in names}
    best = max(likeness.values(), default=0.0)
    # Only what is about as near as the nearest: the names of emulated boards all resemble each other.
    near = [n for n in sorted(names, key=lambda n: -likeness[n]) if likeness[n] >= max(0.5, best - 0.1)][:3]
    # "an386" or "microbit" alone is too short for a similarity measure, but says enough.
    near += [n for n in names if lowered and lowered in n and n not in near]
    hint = f"did you mean {' or '.join(near)}?" if near else f"boards are: {', '.join(names)}"
    return BoardError(
        f"unknown board {name!r}", hint=f"{hint} (`tinykit boards` lists all; a path to a .toml file works, too)"
    )


def _read(path: Path) -> Board:
    board = read_table(
        path,
        Board,
        noun="board file",
        error=BoardError,
        hint=_HINT,
        tags={"emulator": EMULATOR_KINDS},
    )
    if board.name != path.stem:
        raise BoardError(
            f"field name: {board.name!r} differs from the file's name",
            where=str(path),
            hint=f'write name = "{path.stem}", or rename the file to {board.name}.toml',
        )
    board._path = path.resolve()
    # A project brings its board file, but not the user's own family, whose files are its sources already.
    if has_family(board.port.family, board.path):
        faults = list(port_faults(board, FamilyFolders(board.port.family, board.path)))
        if faults:
            raise BoardError("wrong board file", where=str(path), why="; ".join(faults), hint=_HINT)
    return board
