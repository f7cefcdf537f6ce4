"""What a project has for Renode: the board's platform, a script, and a suite for renode-test."""

from __future__ import annotations

from tinykit.board import Board
from tinykit.board.renode import OLDEST, banner_bytes, platform_text, script_text
from tinykit.firmware.templates import render_project_file

FOLDER = "renode"


def renode_files(board: Board, build_id: str, elf: str) -> dict[str, bytes]:
    """The files by path in the project; none for a board that is not emulated by Renode.

    Args:
        build_id: 32 hexadecimal digits, which the suite waits for.
        elf: where the firmware will be, relative to the project, with "/".
    """
    if board.emulator is None or board.emulator.kind != "renode":
        return {}
    values = {
        "board": board,
        "build_id": build_id,
        "elf": elf,
        "banner": banner_bytes(build_id).hex(" ").upper(),
        "oldest": ".".join(str(number) for number in OLDEST),
    }
    return {
        f"{FOLDER}/{board.name}.repl": platform_text(board).encode(),
        f"{FOLDER}/{board.name}.resc": script_text(board, f"../{elf}").encode(),
        f"{FOLDER}/{board.name}.robot": render_project_file("renode/suite.robot.j2", values),
    }
