"""Refuses a model that does not fit its board, with the numbers: before the build, and from the linker's words."""

from __future__ import annotations

import re

from tinykit.board import Board
from tinykit.errors import DoesNotFit
from tinykit.firmware.manifest import Facts

_HINT = "choose a board with more memory, or a smaller model"


def check_before_build(facts: Facts, board: Board, stack: int) -> None:
    """What the model needs for certain, against the board. Code and the agent's own memory come on top.

    Raises:
        DoesNotFit: names every memory that is too small.
    """
    if board.is_hosted:
        return
    complaints = []
    constants = sum(facts.constants.values())
    flash = board.flash_bytes or 0
    if constants > flash:
        parts = " + ".join(f"{name} {size}" for name, size in facts.constants.items())
        complaints.append(f"constants alone take {constants} bytes of flash ({parts}), the board has {flash}")
    ram = board.ram_bytes or 0
    needed = facts.arena_bytes + facts.input_copy_bytes + stack
    if needed > ram:
        complaints.append(
            f"RAM of {needed} bytes is needed at least (arena {facts.arena_bytes} + inputs {facts.input_copy_bytes} "
            f"+ stack {stack}), the board has {ram}"
        )
    if complaints:
        raise DoesNotFit(f"{facts.name} does not fit {board.name}", why="; ".join(complaints), hint=_HINT)


_OVERFLOW = re.compile(
    # GNU ld: region `ram' overflowed by 1234 bytes
    r"region [`'](\w+)' overflowed by (\d+) bytes?"
    # lld, once for every section from the first that has no room: section '.bss' will not fit in region 'ram':
    # overflowed by 1234 bytes
    r"|will not fit in region '(\w+)': overflowed by (\d+) bytes?"
)


def overflow_in(log: str, facts_name: str, board: Board) -> DoesNotFit | None:
    """The linker's complaint about full memories as an error of ours, or None if there is none in the log."""
    over: dict[str, int] = {}
    for gnu_name, gnu_count, lld_name, lld_count in _OVERFLOW.findall(log):
        name, count = gnu_name or lld_name, int(gnu_count or lld_count)
        over[name] = max(over.get(name, 0), count)
    if not over:
        return None
    sizes = {m.name: m.size for m in board.memory}
    parts = [
        f"{name} is full: {sizes[name] + count} bytes are needed, the board has {sizes[name]} ({count} too few)"
        if name in sizes
        else f"{name} is full: {count} bytes too few"  # a region of somebody else's linker script
        for name, count in over.items()
    ]
    return DoesNotFit(f"{facts_name} does not fit {board.name}", why="; ".join(parts), hint=_HINT)
