"""Accelerators that are plugged into a board: files of ``boards/accelerators``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from tinykit.board.proof import Proof
from tinykit.board.table import BoardTable, Line
from tinykit.errors import BoardError
from tinykit.resources import data_dir
from tinykit.tables import read_table

_HINT = "compare with the files in boards/accelerators"


class Accelerator(BoardTable):
    """An accelerator: no board, as it runs nothing by itself.

    Attributes:
        usb, pci: "vid:pid" under which it shows.
        device: what the runtime calls any of its kind.
        needs: what has to be there, one sentence each.
        sources: where that comes from.
        proof: how far it was tried.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    title: Line
    chip: Line
    usb: tuple[Annotated[str, Field(pattern=r"^[0-9a-f]{4}:[0-9a-f]{4}$")], ...] = ()
    pci: tuple[Annotated[str, Field(pattern=r"^[0-9a-f]{4}:[0-9a-f]{4}$")], ...] = ()
    device: Line
    needs: tuple[Line, ...] = Field(min_length=1)
    sources: tuple[Line, ...] = Field(min_length=1)
    proof: Proof


def list_accelerators() -> list[Accelerator]:
    """All that come with tinykit, by name."""
    return [_read(path) for path in sorted(_folder().glob("*.toml"))]


def load_accelerator(name: str) -> Accelerator:
    """The accelerator of that name.

    Raises:
        BoardError: there is none; names those that there are.
    """
    path = _folder() / f"{name}.toml"
    if "/" in name or not path.is_file():
        known = ", ".join(sorted(p.stem for p in _folder().glob("*.toml")))
        raise BoardError(f"unknown accelerator {name!r}", hint=f"one of {known}")
    return _read(path)


def _folder() -> Path:
    return data_dir("boards") / "accelerators"


def _read(path: Path) -> Accelerator:
    found = read_table(path, Accelerator, noun="accelerator file", error=BoardError, hint=_HINT)
    if found.name != path.stem:
        raise BoardError(
            f"field name: {found.name!r} differs from the file's name", where=str(path), hint="make them the same"
        )
    return found
