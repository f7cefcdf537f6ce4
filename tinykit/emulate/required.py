"""Whether a board's emulator is installed, to be asked before a build of minutes."""

from __future__ import annotations

from tinykit.board import Board
from tinykit.board.tools import require_tool


def require_emulator(board: Board) -> None:
    """See that the programs that emulate the board are there; nothing for boards without an emulator.

    Raises:
        ToolMissing: one is not, or is too old.
    """
    emulator = board.emulator
    if emulator is None or emulator.kind == "native":
        return
    if emulator.kind == "qemu-user":
        require_tool(emulator.command[0])
    elif emulator.kind == "rp2040js":
        from tinykit.emulate.rp2040js import find_package

        require_tool("node")
        find_package()
    elif emulator.kind == "renode":
        from tinykit.emulate.renode import require_renode

        require_renode()
    elif emulator.kind == "qemu-esp":
        from tinykit.emulate.qemu_esp import find_fork

        find_fork(emulator)
    else:
        from tinykit.emulate.qemu import require_qemu

        require_qemu(board)
