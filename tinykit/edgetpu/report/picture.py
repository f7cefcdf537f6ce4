"""Where the operators of a graph go in a picture: one line each, in lanes, as a history with branches is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Edge:
    """From one operator to one that reads it, along ``lane``; ``source`` and ``target`` are lines."""

    source: int
    target: int
    lane: int


@dataclass(frozen=True)
class Layout:
    """``lanes`` has a lane for each operator; ``width`` is how many there are."""

    lanes: tuple[int, ...]
    edges: tuple[Edge, ...]
    width: int


def layout(reads: Sequence[Sequence[int]]) -> Layout:
    """Lanes such that no line runs through an operator it does not end at.

    An operator holds its lane down to the last one that reads it, which takes over the lane, if it is the leftmost.

    Args:
        reads: for each operator, the earlier ones whose outputs it reads.
    """
    last = list(range(len(reads)))
    for i, sources in enumerate(reads):
        for j in sources:
            last[j] = i
    lanes: list[int] = []
    held: dict[int, int] = {}
    """Lane to the operator that holds it."""
    for i, sources in enumerate(reads):
        ending = sorted(lanes[j] for j in sources if last[j] == i)
        for lane in ending:
            del held[lane]
        lane = ending[0] if ending else next(n for n in range(len(held) + 1) if n not in held)
        lanes.append(lane)
        if last[i] > i:
            held[lane] = i
    edges = tuple(Edge(j, i, lanes[j]) for i, sources in enumerate(reads) for j in sources)
    return Layout(tuple(lanes), edges, max(lanes, default=-1) + 1)
