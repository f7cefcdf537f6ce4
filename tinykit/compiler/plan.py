"""The memory planner: which bytes of the arena each value has, and when.

Lifetimes are exact at the granularity of steps. Values that share memory (aliases of reshapes, results that can only be
in place) are one buffer; an output that may be written over its input is a buffer that may overlap another. Where they
lie is found by ``placement.py``.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass

from tinykit.compiler.kernels.base import Alias, KernelCall, Lowered
from tinykit.compiler.placement import ALIGNMENT, Piece, align, place
from tinykit.graph.types import Graph


@dataclass(frozen=True)
class Buffer:
    """A piece of the arena.

    Attributes:
        tensors: ids of the tensors that live here, in order of creation; empty for a kernel's scratch memory.
        name: for reports: the first tensor's name, or "scratch of <kernel>".
        offset, size: bytes; the size is rounded up to ALIGNMENT.
        first, last: the steps between which (inclusive) the contents matter. -1 is before the first step, where
            inputs are written; the number of steps is after the last one, where outputs are read.
    """

    tensors: tuple[int, ...]
    name: str
    offset: int
    size: int
    first: int
    last: int


@dataclass(frozen=True)
class MemoryPlan:
    """Placement of all buffers. ``scratch`` maps a step to the buffer its kernels may use."""

    buffers: tuple[Buffer, ...]
    arena_bytes: int
    lower_bound: int
    scratch: dict[int, Buffer]
    steps: int

    def offset_of(self, tensor: int) -> int:
        """Byte offset of a tensor in the arena.

        Raises:
            KeyError: the tensor has no place there (a constant, or never used).
        """
        for buffer in self.buffers:
            if tensor in buffer.tensors:
                return buffer.offset
        raise KeyError(tensor)


@dataclass
class _Draft:
    tensors: list[int]
    name: str
    size: int
    first: int
    last: int


def plan_memory(graph: Graph, lowered: Sequence[Lowered]) -> MemoryPlan:
    """Plan the arena.

    Args:
        graph: the graph the calls refer to.
        lowered: for each step in order its calls, or an alias (which takes no step).
    """
    steps = [entry for entry in lowered if entry.calls]
    drafts = _lifetimes(graph, lowered)
    scratch_of: dict[int, _Draft] = {}
    for index, entry in enumerate(steps):
        size = max((call.scratch or 0) for call in entry.calls)
        if size:
            scratch_of[index] = _Draft([], f"scratch of {entry.calls[0].kernel}", align(size), index, index)
    everything = drafts + list(scratch_of.values())
    pieces = [Piece(d.size, d.first, d.last) for d in everything]
    placement = place(pieces, _leads(everything, steps), _together(everything, steps))
    placed = {
        id(d): Buffer(tuple(d.tensors), d.name, offset, d.size, d.first, d.last)
        for d, offset in zip(everything, placement.offsets, strict=True)
    }
    return MemoryPlan(
        buffers=tuple(sorted(placed.values(), key=lambda b: (b.first, b.offset))),
        arena_bytes=placement.size,
        lower_bound=placement.bound,
        scratch={index: placed[id(d)] for index, d in scratch_of.items()},
        steps=len(steps),
    )


def _leads(drafts: Sequence[_Draft], steps: Sequence[Lowered]) -> dict[tuple[int, int], int]:
    """Which buffers may lie over which, and by how much less than their size they must begin before these."""
    number = {tensor: i for i, d in enumerate(drafts) for tensor in d.tensors}
    leads: dict[tuple[int, int], int] = {}
    for index, entry in enumerate(steps):
        if len(entry.calls) != 1:
            continue
        for overlap in entry.calls[0].overlaps:
            source, target = number.get(overlap.source), number.get(overlap.target)
            if source is None or target is None or source == target:
                continue
            lead = align(max(0, overlap.lead))
            if drafts[source].last == index == drafts[target].first and lead < drafts[target].size:
                leads[target, source] = lead
    return leads


def _together(drafts: Sequence[_Draft], steps: Sequence[Lowered]) -> frozenset[tuple[int, int]]:
    """Outputs and the larger inputs with which they may begin."""
    of_tensor = {tensor: i for i, d in enumerate(drafts) for tensor in d.tensors}
    pairs = set()
    for index, entry in enumerate(steps):
        if len(entry.calls) != 1:
            continue
        for source, target in _in_place_pairs(entry.calls[0], of_tensor):
            before, after = of_tensor[source], of_tensor[target]
            if before != after and drafts[before].last == index == drafts[after].first:
                pairs.add((after, before))
    return frozenset(pairs)


def _lifetimes(graph: Graph, lowered: Sequence[Lowered]) -> list[_Draft]:
    """One draft per group of aliased tensors, with the steps of its first write and last read."""
    of_tensor: dict[int, _Draft] = {}

    def touch(tensor: int, step: int) -> None:
        if graph.tensor(tensor).is_constant:
            return
        draft = of_tensor.get(tensor)
        if draft is None:
            value = graph.tensor(tensor)
            of_tensor[tensor] = _Draft([tensor], value.name, max(ALIGNMENT, align(value.nbytes)), step, step)
        else:
            draft.last = max(draft.last, step)

    for tensor in graph.inputs:
        touch(tensor, -1)
    step = 0
    for entry in lowered:
        if entry.alias is not None:
            _join_alias(of_tensor, entry.alias)
            continue
        for call in entry.calls:
            for arg in call.args:
                touch(arg.tensor, step)
        step += 1
    for tensor in graph.outputs:
        touch(tensor, step)
    unique: dict[int, _Draft] = {id(d): d for d in of_tensor.values()}
    return list(unique.values())


def _join_alias(of_tensor: dict[int, _Draft], alias: Alias) -> None:
    draft = of_tensor[alias.source]
    draft.tensors.append(alias.target)
    of_tensor[alias.target] = draft


def _in_place_pairs(call: KernelCall, of_tensor: Container[int]) -> list[tuple[int, int]]:
    return [(i, o) for i, o in call.in_place if i in of_tensor and o in of_tensor]
