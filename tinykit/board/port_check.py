"""Whether a board file's [port] and [link] are what its family's C can be built with."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from tinykit.board.family import Define, Divider, FamilyFolders
from tinykit.board.model import Board

MAX_BAUD_ERROR = 0.02
"""Of the rate of one side. Ten bits are sampled in the middle: both sides together may be off by half a bit in 9.5,
5 %, of which the other side and noise need their part."""


def port_faults(board: Board, folders: FamilyFolders) -> Iterator[str]:
    """What is wrong, each as "field: what"; nothing of a family that declares nothing."""
    declared = folders.defines if folders.is_strict else {}
    defines = board.port.defines
    if folders.is_strict:
        for name in defines:
            if name not in declared:
                near = difflib.get_close_matches(name, declared, 1)
                instead = f"did you mean {near[0]}?" if near else f"it takes {', '.join(sorted(declared)) or 'none'}"
                yield f"field port.defines.{name}: family {board.port.family!r} takes no such number; {instead}"
        for group in (group for family in folders.chain.values() if family.defines for group in family.one_of):
            given = [name for name in group if name in defines]
            if len(given) != 1:
                has = " and ".join(given) or "none"
                yield f"field port.defines: needs exactly one of {', '.join(group)} (it has {has})"
    for name, define in declared.items():
        yield from _define_faults(board, name, define)
    for family in folders.chain.values():
        if family.baud and board.link.baud not in family.baud:
            rates = ", ".join(map(str, family.baud))
            yield f"field link.baud: family {board.port.family!r} is set up for {rates} (it is {board.link.baud})"
        own = next((d for d in family.dividers if d.when is None or d.when in defines), None)
        if own is not None and own.clock in defines:
            yield from _baud_faults(board.link.baud, own, defines[own.clock])


def _define_faults(board: Board, name: str, define: Define) -> Iterator[str]:
    field, defines = f"field port.defines.{name}", board.port.defines
    if name not in defines:
        if define.required:
            yield f"{field}: missing"
        return
    value = defines[name]
    shown = f"(it is {_number(value)})"
    if define.values and value not in define.values:
        yield f"{field}: may be {' or '.join(map(str, define.values))} {shown}"
    elif not define.min <= value <= define.max:
        yield f"{field}: may be {_number(define.min)} to {_number(define.max)} {shown}"
    elif value % define.multiple_of:
        yield f"{field}: must be a multiple of {_number(define.multiple_of)} {shown}"
    for memory in board.memory:
        if define.free and value < memory.origin + memory.size and memory.origin < value + define.free:
            yield f"{field}: the {_number(define.free)} bytes from there on reach into memory {memory.name} {shown}"
    for other in define.needs:
        if other not in defines:
            yield f"field port.defines.{other}: missing, {name} needs it"


def _baud_faults(baud: int, divider: Divider, clock: int) -> Iterator[str]:
    product = divider.scale * clock
    divisor = (product + baud // 2) // baud if divider.rounds == "nearest" else product // baud
    if not divider.min <= divisor <= divider.max:
        lowest, highest = -(-product // divider.max), product // divider.min
        yield (
            f"field link.baud: at {divider.clock} = {clock} the serial port can do {lowest} to {highest} (it is {baud})"
        )
        return
    error = product / divisor / baud - 1
    if abs(error) > MAX_BAUD_ERROR:
        yield (
            f"field link.baud: {baud} would be off by {error:+.1%}, more than {MAX_BAUD_ERROR:.0%}: the nearest rate "
            f"at {divider.clock} = {clock} is {round(product / divisor)}"
        )


def _number(value: int) -> str:
    return f"0x{value:08x}" if value >= 4096 else str(value)
