"""From a trace to cycles: what a core's model makes of what ran."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tinykit.cycles.cores import Core
from tinykit.cycles.decode import Decoded
from tinykit.cycles.trace import Trace

UNIT = "cycles (estimated)"


@dataclass(frozen=True)
class Share:
    """Part of an inference: instructions that ran, and their estimated cycles without wait states."""

    name: str
    instructions: int
    cycles: float


@dataclass(frozen=True)
class CoreCycles:
    """An inference on a core whose memories do not make it wait.

    Attributes:
        instructions: that ran.
        cycles: estimated.
        kinds: by class of instruction; a branch's cycles include the refill of the pipeline.
        functions: by function, those that take most first.
        unknown: instructions that the model knows no cost of, counted as one cycle or what the core's model says.
    """

    instructions: int
    cycles: float
    kinds: tuple[Share, ...]
    functions: tuple[Share, ...]
    unknown: int


def core_cycles(trace: Trace, core: Core, name_of: Callable[[int], str] | None = None) -> CoreCycles:
    """Cycles of a trace on a core.

    Args:
        name_of: the function at an address; the emulator's own names without it.
    """
    decoded = [[core.decode(one) for one in block.code] for block in trace.blocks]
    costs = [core.straight(code) for code in decoded]
    runs = np.bincount(trace.sequence, minlength=len(trace.blocks)).tolist()
    kinds: dict[str, list[float]] = defaultdict(lambda: [0, 0.0])
    functions: dict[str, list[float]] = defaultdict(lambda: [0, 0.0])
    names = [block.symbol if name_of is None else name_of(block.code[0].address) for block in trace.blocks]

    def add(number: int, one: Decoded, times: int, cycles: float, instructions: int) -> None:
        for entry in (kinds[one.kind], functions[names[number]]):
            entry[0] += instructions
            entry[1] += cycles * times

    for number, (code, cost) in enumerate(zip(decoded, costs, strict=True)):
        if runs[number]:
            for one, cycles in zip(code, cost, strict=True):
                add(number, one, runs[number], cycles, runs[number])
    for number, following, times in _jumps(trace):
        last = decoded[number][-1]
        if last.leaves:
            add(number, last, times, core.taken(last, decoded[following][0]), 0)
    return CoreCycles(
        instructions=trace.instructions,
        cycles=sum(cycles for _, cycles in kinds.values()),
        kinds=_shares(kinds),
        functions=_shares(functions),
        unknown=int(kinds["other"][0]) if "other" in kinds else 0,
    )


def _jumps(trace: Trace) -> list[tuple[int, int, int]]:
    """Blocks that were followed by one that does not begin where they end, and how often."""
    pairs = trace.sequence[:-1].astype(np.int64) * len(trace.blocks) + trace.sequence[1:]
    found, times = np.unique(pairs, return_counts=True)
    jumps = []
    for pair, count in zip(found.tolist(), times.tolist(), strict=True):
        number, following = divmod(pair, len(trace.blocks))
        if trace.blocks[following].code[0].address != trace.blocks[number].end:
            jumps.append((number, following, count))
    return jumps


def _shares(parts: dict[str, list[float]]) -> tuple[Share, ...]:
    shares = [Share(name, int(instructions), cycles) for name, (instructions, cycles) in parts.items()]
    return tuple(sorted(shares, key=lambda share: -share.cycles))
