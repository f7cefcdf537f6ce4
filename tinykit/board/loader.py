"""Board files: finding, reading and explaining what is wrong with them."""

from __future__ import annotations

import difflib
import sys
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tinykit.board.emulators import EMULATOR_KINDS
from tinykit.board.model import Board
from tinykit.errors import BoardError
from tinykit.resources import data_dir

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def load_board(name_or_path: str | Path) -> Board:
    """The board of that name, or the one in that ``.toml`` file.

    Raises:
        BoardError: there is no such board or file, or the file is wrong; names the field and the allowed values.
    """
    text = str(name_or_path)
    if text.endswith(".toml") or "/" in text:
        return _read(Path(text))
    path = data_dir("boards") / f"{text}.toml"
    if not path.is_file():
        raise _unknown(text)
    return _read(path)


def list_boards() -> list[Board]:
    """All boards that come with tinykit, by name."""
    return [_read(path) for path in sorted(data_dir("boards").glob("*.toml"))]


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
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BoardError("no such board file", where=str(path), hint="check the path") from None
    except OSError as error:
        raise BoardError("cannot read the board file", where=str(path), why=error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise BoardError("board file is not text", where=str(path), why=str(error)) from None
    except tomllib.TOMLDecodeError as error:
        raise BoardError("board file is not valid TOML", where=str(path), why=str(error)) from None
    try:
        board = Board.model_validate(data)
    except ValidationError as error:
        raise _explain(path, error) from None
    if board.name != path.stem:
        raise BoardError(
            f"field name: {board.name!r} differs from the file's name",
            where=str(path),
            hint=f'write name = "{path.stem}", or rename the file to {board.name}.toml',
        )
    board._path = path.resolve()
    return board


def _explain(path: Path, error: ValidationError) -> BoardError:
    lines = [_sentence(dict(item)) for item in error.errors()]
    return BoardError(
        "wrong board file",
        where=str(path),
        why="; ".join(lines),
        hint="compare with the files in boards/, described in docs/porting.md",
    )


def _sentence(item: dict[str, Any]) -> str:
    """One pydantic error as "field: what is wrong", with the allowed values where they are known."""
    # A discriminated union puts its tag into the path; the field is what follows.
    parts = [str(p) for p in item["loc"]]
    if len(parts) > 1 and parts[0] == "emulator" and parts[1] in EMULATOR_KINDS:
        del parts[1]
    name = ".".join(parts)
    if item["type"] == "union_tag_invalid":
        return (
            f"field {name}.kind: input should be one of {item['ctx']['expected_tags']} (it is {item['ctx']['tag']!r})"
        )
    if item["type"] == "union_tag_not_found":
        return f"field {name}.kind: missing"
    if item["type"] == "extra_forbidden":
        return f"field {name}: not a field of a board file"
    if item["type"] == "missing":
        return f"field {name}: missing"
    message = str(item["msg"]).removeprefix("Value error, ")
    message = message[:1].lower() + message[1:]
    given = item.get("input")
    shown = "" if isinstance(given, (dict, list)) or not name else f" (it is {given!r})"
    return f"field {name}: {message}{shown}" if name else message
