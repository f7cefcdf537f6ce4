"""What every core's model offers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tinykit.cycles.decode import Decoded
from tinykit.cycles.trace import Instruction


@dataclass(frozen=True)
class Band:
    """How far hardware was from an estimate: measured / estimated, at least and at most.

    Attributes:
        low, high: factors.
        basis: what was compared, in one line.
        compared: whether ``low`` and ``high`` come from hardware, not from the documents alone.
    """

    low: float
    high: float
    basis: str
    compared: bool


@dataclass(frozen=True)
class Core:
    """The model of a core.

    Attributes:
        name: as boards name it in ``[[timing]]``.
        title: in words.
        sources: the documents the costs are from.
        decode: of an instruction.
        straight: cycles of each instruction of a block whose last one does not jump.
        taken: further cycles when the last one does: given that, and where the target begins and how long it is.
        band: what the model's error is.
    """

    name: str
    title: str
    sources: tuple[str, ...]
    decode: Callable[[Instruction], Decoded]
    straight: Callable[[Sequence[Decoded]], list[float]]
    taken: Callable[[Decoded, Decoded], float]
    band: Band
