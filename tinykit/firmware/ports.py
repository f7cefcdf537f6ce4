"""The C of a chip family: one folder of ``firmware_templates/ports``, or of ``ports`` beside a user's board file."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from tinykit.board import Board
from tinykit.errors import BoardError
from tinykit.resources import data_dir

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


class Family(BaseModel):
    """family.toml: which other folders of ``ports`` this one builds upon."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    summary: str
    uses: tuple[str, ...] = ()


@dataclass(frozen=True)
class PortFiles:
    """C, C++ and assembler sources by file name, and the family's linker script template, if it has one."""

    files: dict[str, bytes]
    linker_script: Path | None


def port_files(board: Board) -> PortFiles:
    """The files of a board's family and of what the family uses. The family's own files take precedence.

    Raises:
        BoardError: there is no such family, or its family.toml is wrong.
    """
    roots = [data_dir("firmware_templates") / "ports"]
    if board.path is not None:
        roots.insert(0, board.path.parent / "ports")
    files: dict[str, bytes] = {}
    script: Path | None = None
    for folder in _folders(board, roots):
        for path in sorted(folder.iterdir()):
            if path.suffix in (".c", ".cc", ".h", ".S"):
                files.setdefault(path.name, path.read_bytes())
        if script is None and (folder / "link.ld.j2").is_file():
            script = folder / "link.ld.j2"
    return PortFiles(files, script)


def _folders(board: Board, roots: list[Path]) -> list[Path]:
    """The family's folder and those it uses, nearest first, each once."""
    wanted = [board.port.family]
    folders: dict[str, Path] = {}
    while wanted:
        name = wanted.pop(0)
        if name in folders:
            continue
        folder = next((root / name for root in roots if (root / name).is_dir()), None)
        if folder is None:
            known = sorted({p.name for root in roots if root.is_dir() for p in root.iterdir() if p.is_dir()})
            raise BoardError(
                f"field port.family: no folder {name!r}",
                where=str(board.path or board.name),
                hint=f"one of {', '.join(known)}, or a folder ports/{name} beside the board file",
            )
        folders[name] = folder
        wanted += _family(folder).uses
    return list(folders.values())


def _family(folder: Path) -> Family:
    path = folder / "family.toml"
    if not path.is_file():
        return Family(summary=folder.name)
    try:
        return Family.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise BoardError("wrong family file", where=str(path), why=str(error)) from None
