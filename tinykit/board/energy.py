"""What a board file says about currents, for boards without a meter."""

from __future__ import annotations

from pydantic import Field

from tinykit.board.table import BoardTable, Line


class Currents(BoardTable):
    """Currents of the chip alone at the clock that the firmware runs at.

    Attributes:
        active_ma: milliamperes while the core computes, from flash.
        idle_ma: while it waits for the next request; None where the datasheet has no such state.
        volts: of the supply.
        sources: datasheet and table.
    """

    active_ma: float = Field(gt=0)
    idle_ma: float | None = Field(default=None, gt=0)
    volts: float = Field(gt=0, le=5.5)
    sources: tuple[Line, ...] = Field(min_length=1)
