"""What a stage in patches would need of memory, about: so that only a few ways to split a graph are planned in full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tinykit.compiler.kernels.base import Lowered
from tinykit.compiler.patches.rows import Rows
from tinykit.compiler.patches.stage import Stage
from tinykit.compiler.placement import align
from tinykit.graph.macs import op_macs
from tinykit.graph.types import Graph

_LOOKED_AT = 3
"""Patches at the beginning and at the end that are looked at; those between them need no more than these, nearly."""


@dataclass(frozen=True)
class OpMemory:
    """An operator's memory beside its values, as it is without patches.

    Attributes:
        scratch: bytes.
        shared: the part of the smaller one of input and output that may lie over the other one, 0 to 1.
    """

    scratch: int
    shared: float


def op_memory(graph: Graph, lowered: Lowered) -> OpMemory:
    """Of an operator in the way that was chosen."""
    scratch = align(max((call.scratch or 0 for call in lowered.calls), default=0))
    shared = 0.0
    if len(lowered.calls) == 1:
        for overlap in lowered.calls[0].overlaps:
            source, target = graph.tensor(overlap.source).nbytes, graph.tensor(overlap.target).nbytes
            saved = source + target - max(target, max(0, overlap.lead) + source)
            shared = max(shared, saved / max(1, min(source, target)))
    return OpMemory(scratch, shared)


def macs_of(graph: Graph, stage: Stage, count: int) -> int | None:
    """Multiply-accumulates of a stage in so many patches; None where it cannot be split so."""
    total = 0
    for rows in stage.strips(count):
        wanted = stage.wanted(rows)
        if wanted is None:
            return None
        for one in stage.ops:
            total += op_macs(graph, one.op) // one.height.out * wanted[one.op.outputs[0]].count
    return total


def stage_memory(graph: Graph, stage: Stage, count: int, memory: Mapping[int, OpMemory], beside: int) -> int:
    """Bytes that the stage needs in so many patches, about.

    Args:
        memory: of operators, by index.
        beside: bytes of values that are alive throughout.
    """
    strips = stage.strips(count)
    every = [stage.wanted(rows) or {} for rows in strips]
    read_later = {i for one in graph.ops[stage.last + 1 :] for i in one.inputs} | set(graph.outputs)
    made = {one.op.outputs[0] for one in stage.ops}
    entries = {i for one in stage.ops for i in one.inputs} - made
    row = {i: graph.tensor(i).nbytes // graph.tensor(i).shape[1] for i in (*made, *entries)}
    last_use = {i: place for place, one in enumerate(stage.ops) for i in one.inputs}

    def entry_bytes(i: int, after: Sequence[Mapping[int, Rows]]) -> int:
        """Of a value that the stage reads, what is needed for these patches."""
        if i in read_later:
            return graph.tensor(i).nbytes
        return (graph.tensor(i).shape[1] - min(w[i].start for w in after)) * row[i] if after else 0

    peak = 0
    for number in sorted({*range(min(_LOOKED_AT, count)), *range(max(0, count - _LOOKED_AT), count)}):
        wanted = every[number]
        here, later = ({i: entry_bytes(i, every[place:]) for i in entries} for place in (number, number + 1))
        before = sum(strip.count for strip in strips[:number]) * row[stage.result]
        alive = {**here, stage.result: before}
        for place, one in enumerate(stage.ops):
            output = one.op.outputs[0]
            size = wanted[output].count * row[output]
            dying = sum(alive[i] - later.get(i, 0) for i in one.inputs if last_use[i] == place and i != stage.result)
            extra = memory.get(one.op.index, OpMemory(0, 0.0))
            shared = int(min(size, dying) * extra.shared)
            peak = max(peak, beside + sum(alive.values()) + size + extra.scratch - shared)
            alive[output] = alive.get(output, 0) + size
            for i in one.inputs:
                if last_use[i] == place:
                    alive[i] = later.get(i, 0)
    return peak
