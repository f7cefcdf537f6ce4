"""What a report says about cycles that no hardware counted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class EstimatedShare:
    """Part of the inference: ``cycles`` are estimated, without wait states."""

    name: str
    instructions: int
    cycles: float


@dataclass(frozen=True)
class EstimatedPoint:
    """The estimate at one clock; ``low`` and ``high`` are its band. Milliseconds are None without a clock.

    Attributes:
        hz: the core's clock.
        wait_states: of the flash at that clock.
        stalls: cycles, part of ``cycles``, that the core waits for the flash.
        cycles, low, high: cycles (estimated).
        ms, ms_low, ms_high: the same in milliseconds.
    """

    hz: int | None
    wait_states: int
    stalls: float
    cycles: float
    low: float
    high: float
    ms: float | None
    ms_low: float | None
    ms_high: float | None


@dataclass(frozen=True)
class Estimate:
    """Cycles estimated from an emulator's trace of one inference.

    Attributes:
        unit: "cycles (estimated)"; never to be compared with cycles or instructions.
        board: whose clocks these are.
        core: the cost model.
        sources: where its costs are from.
        basis: what its band rests on.
        compared: whether the band comes from a comparison with hardware.
        instructions: in the trace.
        points: one for each clock of the board.
        kinds, functions: where the cycles go.
    """

    unit: str
    board: str
    core: str
    sources: tuple[str, ...]
    basis: str
    compared: bool
    instructions: int
    points: tuple[EstimatedPoint, ...]
    kinds: tuple[EstimatedShare, ...]
    functions: tuple[EstimatedShare, ...]
