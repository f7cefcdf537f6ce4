"""Which of several ways to do each layer is taken.

All ways give the same results; they differ in instructions and in bytes of flash. A kernel's code is there once,
however many layers use it, so that the choice for one layer depends on those for the others.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal

from tinykit.compiler.kernels.base import ConstArray, KernelCall, Lowered

Optimize = Literal["speed", "size", "balanced"]
"""What is made small: instructions, flash, or the product of the two (one percent of one is worth one of the other)."""

Way = tuple[KernelCall, ...]


def choose(lowered: Sequence[Lowered], optimize: Optimize) -> list[Lowered]:
    """The ops with one way each. Only those with modelled instructions are compared; others stay portable."""
    options = [(entry.calls, *entry.alternatives) for entry in lowered]
    return [
        replace(entry, calls=ways[number], alternatives=())
        for entry, ways, number in zip(lowered, options, pick(options, optimize), strict=True)
    ]


def pick(options: Sequence[Sequence[Way]], optimize: Optimize) -> list[int]:
    """For each layer the number of the way that is taken, as ``choose`` does; the first way of each is portable."""
    numbers = [_comparable(ways) for ways in options]
    costs = [[_way_cost(ways[i]) for i in some] for ways, some in zip(options, numbers, strict=True)]
    chosen = [min(range(len(c)), key=lambda i, c=c: c[i].instructions) for c in costs]  # type: ignore[misc]
    if optimize != "speed":
        chosen = min(
            (_improve(costs, start, optimize) for start in (chosen, [0] * len(costs))),
            key=lambda picks: _cost(costs, picks, optimize),
        )
    return [some[i] for some, i in zip(numbers, chosen, strict=True)]


def _comparable(ways: Sequence[Way]) -> list[int]:
    modelled = [i for i, way in enumerate(ways) if all(call.instructions is not None for call in way)]
    return modelled or [0]


@dataclass(frozen=True)
class _WayCost:
    """What a way costs: instructions, bytes of constants, and bytes of code by the file's name."""

    instructions: int
    constants: int
    code: Mapping[str, int]
    kernels: frozenset[str]


def _way_cost(way: Way) -> _WayCost:
    # Patches of one layer share their constants.
    constants = {array.content if len(way) > 1 else i: array.nbytes for i, array in enumerate(_arrays(way))}
    return _WayCost(
        sum(call.instructions or 0 for call in way),
        sum(constants.values()),
        {name: size for call in way for name, size in ((call.kernel, call.code), *call.shares.items())},
        frozenset(call.kernel for call in way),
    )


def _arrays(way: Way) -> Iterator[ConstArray]:
    return (array for call in way for _, array in call.arrays())


_Costs = Sequence[Sequence[_WayCost]]


def _cost(costs: _Costs, picks: Sequence[int], optimize: Optimize) -> tuple[float, int]:
    taken = [of_ways[number] for of_ways, number in zip(costs, picks, strict=True)]
    instructions = sum(one.instructions for one in taken)
    code: dict[str, int] = {}
    for one in taken:
        code.update(one.code)
    flash = sum(one.constants for one in taken) + sum(code.values())
    if optimize == "size":
        return flash, instructions
    return math.log(max(1, flash)) + math.log(max(1, instructions)), instructions


def _improve(costs: _Costs, start: Sequence[int], optimize: Optimize) -> list[int]:
    """Change one layer, or all layers that use one kernel (to another one), as long as that is better."""
    picks = list(start)
    best = _cost(costs, picks, optimize)
    while True:
        moves = [
            [*picks[:i], other, *picks[i + 1 :]]
            for i, of_ways in enumerate(costs)
            for other in range(len(of_ways))
            if other != picks[i]
        ]
        moves += [_without(costs, picks, kernel, other) for kernel, other in _rivals(costs)]
        results = [(_cost(costs, move, optimize), number) for number, move in enumerate(moves)]
        cost, number = min(results, default=(best, 0))
        if cost >= best:
            return picks
        best, picks = cost, moves[number]


def _rivals(costs: _Costs) -> list[tuple[str, str]]:
    """Pairs of kernels of which some layer can take either; also each kernel with itself."""
    offered = [{kernel for one in of_ways for kernel in one.kernels} for of_ways in costs if len(of_ways) > 1]
    return sorted({pair for kernels in offered for pair in product(kernels, kernels)})


def _without(costs: _Costs, picks: Sequence[int], kernel: str, other: str) -> list[int]:
    """The same without a kernel, where there is another way: with the other kernel, or else the fastest."""
    moved = []
    for of_ways, number in zip(costs, picks, strict=True):
        free = [i for i, one in enumerate(of_ways) if kernel not in one.kernels]
        others = [i for i in free if other in of_ways[i].kernels] or free
        uses = kernel in of_ways[number].kernels
        moved.append(min(others, key=lambda i, c=of_ways: c[i].instructions) if uses and others else number)  # type: ignore[misc]
    return moved
