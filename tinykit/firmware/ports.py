"""The C of a chip family: one folder of ``firmware_templates/ports``, or of ``ports`` beside a user's board file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tinykit.board import Board
from tinykit.board.family import FamilyFolders


@dataclass(frozen=True)
class PortFiles:
    """C, C++ and assembler sources by file name, and the family's linker script template, if it has one."""

    files: dict[str, bytes]
    linker_script: Path | None


MARKER = "marker.c"
"""The file of a family that is part of firmware with a marker only."""


def port_files(board: Board, *, marker: bool = False) -> PortFiles:
    """The files of a board's family and of what the family uses. The family's own files take precedence.

    Args:
        marker: with what raises a marker pin.

    Raises:
        BoardError: there is no such family, or its family.toml is wrong.
    """
    files: dict[str, bytes] = {}
    script: Path | None = None
    for folder in FamilyFolders(board.port.family, board.path).chain:
        for path in sorted(folder.iterdir()):
            if path.suffix in (".c", ".cc", ".h", ".S") and (marker or path.name != MARKER):
                files.setdefault(path.name, path.read_bytes())
        if script is None and (folder / "link.ld.j2").is_file():
            script = folder / "link.ld.j2"
    return PortFiles(files, script)
