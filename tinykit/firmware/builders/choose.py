"""Which builder makes a board's firmware: the one asked for, the board's, or zig where the board's has no compiler."""

from __future__ import annotations

from tinykit.board import Board
from tinykit.errors import ToolMissing
from tinykit.firmware.builders import builder_of
from tinykit.firmware.builders.base import Builder


def choose_builder(board: Board, wanted: str | None) -> tuple[Builder, str | None]:
    """The builder, and what a user should know of the choice, if it is not what the board file says.

    Args:
        wanted: the user's; None leaves it to the board file.

    Raises:
        InputError: there is no such builder.
        ToolMissing: the board's compiler is missing, and zig cannot take its place.
    """
    chosen = builder_of(wanted or board.builder.kind)
    if wanted is not None or chosen.kind != "gcc":
        return chosen, None
    try:
        chosen.find_compiler(board)
    except ToolMissing as missing:
        from tinykit.firmware.builders.zig import ZigBuilder, zig_can_build

        if not zig_can_build(board):
            raise
        return ZigBuilder(), f"built with zig, because of the board's own compiler: {missing.what}"
    return chosen, None
