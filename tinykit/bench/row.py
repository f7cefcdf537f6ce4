"""One line of a benchmark: a model on a board."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figures:
    """What was measured.

    Attributes:
        unit: of ``latency``: "instructions" from an emulator, "cycles" or "us" from hardware.
        latency: of one inference, the fastest.
        macs: multiply-accumulates of the model as it was given, without those that patches do again.
        arena, arena_lower_bound: bytes; the bound is that of the schedule.
        flash: bytes of the whole firmware.
        overhead: ``flash`` less the constants in the .tflite: code, and what packing adds to or takes from them.
        alone: as ``overhead``, of model and kernels without the agent and the port: what a user links. None where
            the builder leaves no object files to ask.
        static_ram, stack: bytes.
        crc: zlib CRC-32 of all outputs for the benchmark's input, 8 hexadecimal digits.
    """

    unit: str
    latency: float
    macs: int
    arena: int
    arena_lower_bound: int
    flash: int
    overhead: int
    alone: int | None
    static_ram: int
    stack: int
    crc: str


@dataclass(frozen=True)
class Row:
    """A model on a board.

    Attributes:
        core: of the board.
        optimize: what kernels were chosen for.
        figures: None where it does not fit; then ``why``.
        patches: what was asked for: "off", "auto" or a number.
    """

    board: str
    core: str
    model: str
    optimize: str
    figures: Figures | None
    why: str | None = None
    patches: str = "off"

    @property
    def key(self) -> str:
        """What it is called in a record."""
        suffix = "" if self.optimize == "balanced" else f"/{self.optimize}"
        patches = "" if self.patches == "off" else f"/patches-{self.patches}"
        return f"{self.board}/{self.model}{suffix}{patches}"
