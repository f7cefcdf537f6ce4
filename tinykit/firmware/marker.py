"""The marker: a pin that the firmware raises during timed inferences, for a meter's marker input."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tinykit.board import Board
from tinykit.board.family import FamilyFolders
from tinykit.errors import InputError


@dataclass(frozen=True)
class Marker:
    """A pin: its name on the chip ("PA5"), and its number in the port's C."""

    pin: str
    number: int


def marker_of(board: Board, pin: str | None) -> Marker | None:
    """The pin that the option ``--marker`` names; None without one.

    Raises:
        InputError: the board's port can raise no pin, has none of that name, or needs it for the serial line.
        BoardError: the board's family is wrong.
    """
    if pin is None:
        return None
    folders = FamilyFolders(board.port.family, board.path)
    banks = folders.marker_pins(board.chip)
    if not banks:
        raise InputError(
            f"{board.name} has no pin that could be a marker",
            why=f"port family {board.port.family!r} has no code that raises one",
            hint="build it without --marker: a meter's recording then goes by time",
        )
    pins = {name: number for bank in banks for name, number in bank.numbers().items()}
    name = re.sub(r"0+(?=\d+$)", "", pin.strip().upper()) if pin[-1:].isdecimal() else pin
    ranges = ", ".join(words for bank in banks for words in bank.ranges())
    if name not in pins:
        raise InputError(f"{board.name} has no pin {pin!r} for a marker", hint=f"one of {ranges}")
    if pins[name] in folders.marker_taken(board.port.defines):
        raise InputError(f"pin {name} of {board.name} is the serial line's", hint=f"another one of {ranges}")
    return Marker(name, pins[name])
