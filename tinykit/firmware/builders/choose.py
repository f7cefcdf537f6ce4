"""Which builder makes a board's firmware: the one asked for, the board's, or zig where the board's has no compiler."""

from __future__ import annotations

from tinykit.board import Board
from tinykit.board.family import FamilyFolders
from tinykit.errors import BoardError, ToolMissing
from tinykit.firmware.builders import BUILDERS, builder_of
from tinykit.firmware.builders.base import Builder

_BARE_METAL = ("gcc", "zig", "platformio")
"""Builders whose boards need nothing but a compiler and the port's linker script."""


def choose_builder(board: Board, wanted: str | None, *, export: bool = False) -> tuple[Builder, str | None]:
    """The builder, and what a user should know of the choice, if it is not what the board file says.

    Args:
        wanted: the user's; None leaves it to the board file.
        export: the compiler need not be here.

    Raises:
        InputError: there is no such builder.
        BoardError: it does not build for the board; lists those that do.
        ToolMissing: the board's compiler is missing, and zig cannot take its place.
    """
    chosen = builder_of(wanted or board.builder.kind)
    possible = possible_builders(board)
    if chosen.kind not in possible:
        raise BoardError(
            f"builder {chosen.kind!r} does not build for {board.name}",
            where=str(board.path or board.name),
            why=f"firmware of port family {board.port.family!r} for it is built by {' or '.join(possible) or 'none'}",
            hint=f"leave out --builder, to use {board.builder.kind}"
            if wanted is not None and board.builder.kind in possible
            else "change [builder] in the board file, or builders in the family's family.toml",
        )
    if export or wanted is not None or chosen.kind != "gcc":
        return chosen, None
    try:
        chosen.find_compiler(board)
    except ToolMissing as missing:
        from tinykit.firmware.builders.zig import ZigBuilder, zig_can_build

        if "zig" not in possible or not zig_can_build(board):
            raise
        return ZigBuilder(), f"built with zig, because of the board's own compiler: {missing.what}"
    return chosen, None


def possible_builders(board: Board) -> tuple[str, ...]:
    """The builders that can make the board's firmware, by its family and its board file.

    Raises:
        BoardError: there is no such family, or its family.toml is wrong.
    """
    declared = FamilyFolders(board.port.family, board.path).builders
    return tuple(kind for kind in declared or BUILDERS if _fits(kind, board))


def _fits(kind: str, board: Board) -> bool:
    if kind == "zig":
        from tinykit.firmware.builders.zig_target import supports

        return supports(board.core)
    if kind == "linux":
        return board.is_hosted and not board.is_native
    if kind == "platformio":
        return not board.is_hosted and (board.builder.platformio is not None or board.builder.kind in _BARE_METAL)
    if kind == "pico-sdk":
        return board.builder.pico_sdk is not None
    return True
