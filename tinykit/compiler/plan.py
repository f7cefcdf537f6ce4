"""The memory planner: which bytes of the arena each value has, and when.

Lifetimes are exact at the granularity of steps. Values that share memory (aliases of reshapes, in-place results)
are one buffer. Offsets are found by first fit over several orders, keeping the best; the lower bound is the largest
sum of sizes of buffers alive at one step, which no placement can beat.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tinykit.compiler.kernels.base import Alias, KernelCall, Lowered
from tinykit.graph.types import Graph

ALIGNMENT = 16
"""Bytes. Enough for every vector load of the supported cores."""


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
    drafts = _share_in_place(drafts, steps)
    scratch_of: dict[int, _Draft] = {}
    for index, entry in enumerate(steps):
        size = max((call.scratch or 0) for call in entry.calls)
        if size:
            scratch_of[index] = _Draft([], f"scratch of {entry.calls[0].kernel}", _align(size), index, index)
    everything = drafts + list(scratch_of.values())
    bound = _lower_bound(everything, len(steps))
    offsets = _place(everything, bound)
    placed = {
        id(d): Buffer(tuple(d.tensors), d.name, offset, d.size, d.first, d.last)
        for d, offset in zip(everything, offsets, strict=True)
    }
    return MemoryPlan(
        buffers=tuple(sorted(placed.values(), key=lambda b: (b.first, b.offset))),
        arena_bytes=max((b.offset + b.size for b in placed.values()), default=0),
        lower_bound=bound,
        scratch={index: placed[id(d)] for index, d in scratch_of.items()},
        steps=len(steps),
    )


def _align(size: int) -> int:
    return max(ALIGNMENT, (size + ALIGNMENT - 1) // ALIGNMENT * ALIGNMENT)


def _lifetimes(graph: Graph, lowered: Sequence[Lowered]) -> list[_Draft]:
    """One draft per group of aliased tensors, with the steps of its first write and last read."""
    of_tensor: dict[int, _Draft] = {}

    def touch(tensor: int, step: int) -> None:
        if graph.tensor(tensor).is_constant:
            return
        draft = of_tensor.get(tensor)
        if draft is None:
            value = graph.tensor(tensor)
            of_tensor[tensor] = _Draft([tensor], value.name, _align(value.nbytes), step, step)
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


def _share_in_place(drafts: list[_Draft], steps: Sequence[Lowered]) -> list[_Draft]:
    """Merge an output into the input it may overwrite, where the input is not needed afterwards."""
    of_tensor = {tensor: d for d in drafts for tensor in d.tensors}
    for index, entry in enumerate(steps):
        if len(entry.calls) != 1:
            continue
        for source, target in _in_place_pairs(entry.calls[0], of_tensor):
            before, after = of_tensor[source], of_tensor[target]
            if before is after or before.last != index or after.first != index or before.size != after.size:
                continue
            before.tensors += after.tensors
            before.last = after.last
            for tensor in after.tensors:
                of_tensor[tensor] = before
            break
    unique: dict[int, _Draft] = {id(d): d for d in of_tensor.values()}
    return list(unique.values())


def _in_place_pairs(call: KernelCall, of_tensor: dict[int, _Draft]) -> list[tuple[int, int]]:
    return [(i, o) for i, o in call.in_place if i in of_tensor and o in of_tensor]


def _lower_bound(drafts: Sequence[_Draft], steps: int) -> int:
    return max((sum(d.size for d in drafts if d.first <= t <= d.last) for t in range(-1, steps + 1)), default=0)


def _place(drafts: Sequence[_Draft], bound: int) -> list[int]:
    """Offsets for all drafts: first fit in several orders, the smallest arena wins."""
    numbers = range(len(drafts))
    orders = (
        sorted(numbers, key=lambda i: (-drafts[i].size, drafts[i].first)),
        sorted(numbers, key=lambda i: (-(drafts[i].last - drafts[i].first + 1) * drafts[i].size, drafts[i].first)),
        sorted(numbers, key=lambda i: (-(drafts[i].last - drafts[i].first), -drafts[i].size)),
        sorted(numbers, key=lambda i: (drafts[i].first, -drafts[i].size)),
        sorted(numbers, key=lambda i: (-drafts[i].last, -drafts[i].size)),
    )
    best: list[int] = []
    best_size = -1
    for order in orders:
        offsets = _first_fit(drafts, order)
        size = max((offsets[i] + drafts[i].size for i in numbers), default=0)
        if best_size < 0 or size < best_size:
            best, best_size = offsets, size
        if best_size == bound:
            break
    return best


def _first_fit(drafts: Sequence[_Draft], order: Sequence[int]) -> list[int]:
    offsets = [0] * len(drafts)
    done: list[int] = []
    for i in order:
        draft = drafts[i]
        taken = sorted(
            (offsets[j], offsets[j] + drafts[j].size)
            for j in done
            if drafts[j].first <= draft.last and draft.first <= drafts[j].last
        )
        at = 0
        for start, end in taken:
            if at + draft.size <= start:
                break
            at = max(at, end)
        offsets[i] = at
        done.append(i)
    return offsets
