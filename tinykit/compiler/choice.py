"""Which of several ways to do each layer is taken.

All ways give the same results; they differ in instructions and in bytes of flash. A kernel's code is there once,
however many layers use it, so that the choice for one layer depends on those for the others.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import Literal

from tinykit.compiler.kernels.base import KernelCall, Lowered

Optimize = Literal["speed", "size", "balanced"]
"""What is made small: instructions, flash, or the product of the two (one percent of one is worth one of the other)."""

Way = tuple[KernelCall, ...]


def choose(lowered: Sequence[Lowered], optimize: Optimize) -> list[Lowered]:
    """The ops with one way each. Only those with modelled instructions are compared; others stay portable."""
    ways = [_comparable(entry) for entry in lowered]
    chosen = [min(range(len(w)), key=lambda i, w=w: _instructions(w[i])) for w in ways]  # type: ignore[misc]
    if optimize != "speed":
        chosen = min(
            (_improve(ways, start, optimize) for start in (chosen, [0] * len(ways))),
            key=lambda picks: _cost(ways, picks, optimize),
        )
    return [
        replace(entry, calls=options[pick], alternatives=()) if options else entry
        for entry, options, pick in zip(lowered, ways, chosen, strict=True)
    ]


def _comparable(entry: Lowered) -> tuple[Way, ...]:
    ways = (entry.calls, *entry.alternatives)
    modelled = tuple(way for way in ways if all(call.instructions is not None for call in way))
    return modelled or ways[:1]


def _instructions(way: Way) -> int:
    return sum(call.instructions or 0 for call in way)


def _constants(way: Way) -> int:
    return sum(array.nbytes for call in way for _, array in call.arrays())


def _cost(ways: Sequence[tuple[Way, ...]], picks: Sequence[int], optimize: Optimize) -> tuple[float, int]:
    taken = [options[pick] for options, pick in zip(ways, picks, strict=True)]
    instructions = sum(map(_instructions, taken))
    code = {name: size for way in taken for call in way for name, size in _code(call)}
    flash = sum(map(_constants, taken)) + sum(code.values())
    if optimize == "size":
        return flash, instructions
    return math.log(max(1, flash)) + math.log(max(1, instructions)), instructions


def _code(call: KernelCall) -> Iterator[tuple[str, int]]:
    yield call.kernel, call.code
    yield from call.shares.items()


def _improve(ways: Sequence[tuple[Way, ...]], start: Sequence[int], optimize: Optimize) -> list[int]:
    """Change one layer, or all layers that use one kernel (to another one), as long as that is better."""
    picks = list(start)
    best = _cost(ways, picks, optimize)
    while True:
        moves = [[*picks[:i], other, *picks[i + 1 :]] for i, w in enumerate(ways) for other in range(len(w))]
        moves += [_without(ways, picks, kernel, other) for kernel, other in _rivals(ways)]
        costs = [(_cost(ways, move, optimize), number) for number, move in enumerate(moves)]
        cost, number = min(costs, default=(best, 0))
        if cost >= best:
            return picks
        best, picks = cost, moves[number]


def _rivals(ways: Sequence[tuple[Way, ...]]) -> list[tuple[str, str]]:
    """Pairs of kernels of which some layer can take either; also each kernel with itself."""
    offered = [{call.kernel for way in options for call in way} for options in ways]
    return sorted({pair for kernels in offered for pair in product(kernels, kernels)})


def _without(ways: Sequence[tuple[Way, ...]], picks: Sequence[int], kernel: str, other: str) -> list[int]:
    """The same without a kernel, where there is another way: with the other kernel, or else the fastest."""
    moved = []
    for options, pick in zip(ways, picks, strict=True):
        free = [i for i, way in enumerate(options) if all(call.kernel != kernel for call in way)]
        others = [i for i in free if any(call.kernel == other for call in options[i])] or free
        uses = any(call.kernel == kernel for call in options[pick])
        moved.append(min(others, key=lambda i: _instructions(options[i])) if uses and others else pick)
    return moved
