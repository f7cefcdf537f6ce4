"""The memory planner: which bytes of the arena each value has, and when.

Lifetimes are exact at the granularity of steps, and of rows where a value is written or read a few rows at a time (see
``View``). Values that share memory (aliases of reshapes, results that can only be in place) are one buffer; an output
that may be written over its input is a buffer that may overlap another. Where they lie is found by ``placement.py``.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tinykit.compiler.kept import Kept, kept_of
from tinykit.compiler.kernels.base import Alias, In, KernelCall, Lowered, Out
from tinykit.compiler.placement import ALIGNMENT, WORK, Part, Piece, align, place
from tinykit.graph.types import Graph


@dataclass(frozen=True)
class View:
    """A tensor that is some rows of another, ``offset`` bytes from its beginning. The other one is no view."""

    base: int
    offset: int


@dataclass(frozen=True)
class Strips:
    """Values that are made a few rows at a time.

    Attributes:
        views: by the id of the tensor that is one.
        slots: of which value a tensor is a strip. Strips of one value share memory, one after the other, and so does
            the scratch memory of the operators that write them.
    """

    views: Mapping[int, View] = field(default_factory=dict)
    slots: Mapping[int, int] = field(default_factory=dict)


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
    """Placement of all buffers.

    Attributes:
        scratch: of steps the buffer that its kernels may use.
        kept: what keeps its contents from run to run. It lies together, behind everything else, and is in all of these
            numbers.
        bounds: for each step the bytes that no placement can go below.
    """

    buffers: tuple[Buffer, ...]
    arena_bytes: int
    lower_bound: int
    scratch: dict[int, Buffer]
    steps: int
    strips: Strips = field(default_factory=Strips)
    bounds: tuple[int, ...] = ()
    kept: tuple[Kept, ...] = ()

    @property
    def kept_bytes(self) -> int:
        """Of the arena, those that keep their contents from run to run."""
        return sum(one.size for one in self.kept)

    def offset_of_kept(self, name: str) -> int:
        """Byte offset of what is kept under a name.

        Raises:
            KeyError: there is none.
        """
        at = self.arena_bytes - self.kept_bytes
        for one in self.kept:
            if one.name == name:
                return at
            at += one.size
        raise KeyError(name)

    def offset_of(self, tensor: int) -> int:
        """Byte offset of a tensor in the arena.

        Raises:
            KeyError: the tensor has no place there (a constant, or never used).
        """
        view = self.strips.views.get(tensor)
        if view is not None:
            return self.offset_of(view.base) + view.offset
        for buffer in self.buffers:
            if tensor in buffer.tensors:
                return buffer.offset
        raise KeyError(tensor)


@dataclass
class _Draft:
    """A buffer without its place. ``parts`` as in ``Piece``."""

    tensors: list[int]
    name: str
    size: int
    first: int
    last: int
    parts: tuple[Part, ...] = ()

    @property
    def all_parts(self) -> tuple[Part, ...]:
        return self.parts or (Part(0, self.size, self.first, self.last),)


@dataclass(frozen=True)
class _Use:
    """Bytes ``start`` to ``end`` of a draft that a step reads or writes."""

    start: int
    end: int
    step: int
    writes: bool


def plan_memory(
    graph: Graph, lowered: Sequence[Lowered], strips: Strips | None = None, *, work: int = WORK
) -> MemoryPlan:
    """Plan the arena.

    Args:
        graph: the graph the calls refer to.
        lowered: for each step in order its calls, or an alias (which takes no step).
        strips: values that are made a few rows at a time. Those that views write are written by them alone.
        work: how much searching may be done, see ``placement.WORK``.
    """
    strips = strips or Strips()
    steps = [entry for entry in lowered if entry.is_step]
    kept = kept_of(graph, steps)
    beyond = sum(one.size for one in kept)
    drafts = _in_slots(graph, _lifetimes(graph, lowered, strips.views), strips.slots)
    scratch_of = _scratch(steps, strips.slots)
    everything = drafts + list({id(d): d for d in scratch_of.values()}.values())
    pieces = [Piece(d.size, d.first, d.last, d.parts) for d in everything]
    leads, together = _leads(everything, steps, strips.views), _together(everything, steps)
    placement = place(pieces, leads, together, work=work)
    bounds = placement.step_bounds
    placed = {
        id(d): Buffer(tuple(d.tensors), d.name, offset, d.size, d.first, d.last)
        for d, offset in zip(everything, placement.offsets, strict=True)
    }
    return MemoryPlan(
        buffers=(
            *sorted(placed.values(), key=lambda b: (b.first, b.offset)),
            *_kept_buffers(kept, placement.size, len(steps)),
        ),
        arena_bytes=align(placement.size) + beyond if kept else placement.size,
        # What is proven for slots need not hold for strips that each have a place of their own.
        lower_bound=beyond + (max(bounds.values(), default=0) if strips.slots else placement.bound),
        scratch={index: placed[id(d)] for index, d in scratch_of.items()},
        steps=len(steps),
        strips=strips,
        bounds=tuple(beyond + bounds.get(step, 0) for step in range(len(steps))),
        kept=kept,
    )


def _kept_buffers(kept: Sequence[Kept], start: int, steps: int) -> Iterator[Buffer]:
    at = align(start)
    for one in kept:
        yield Buffer(() if one.tensor is None else (one.tensor,), one.name, at, one.size, -1, steps)
        at += one.size


def _leads(drafts: Sequence[_Draft], steps: Sequence[Lowered], views: Mapping[int, View]) -> dict[tuple[int, int], int]:
    """Which buffers may lie over which, and by how much less than their size they must begin before these."""
    overwrites = _overwrites({tensor: i for i, d in enumerate(drafts) for tensor in d.tensors}, steps, views)
    pairs = {(lower, upper) for lower, upper, _ in overwrites}
    for i, draft in enumerate(drafts):
        if draft.parts:
            near = [j for j, d in enumerate(drafts) if j != i and d.first <= draft.last and draft.first <= d.last]
            pairs.update((i, j) for j in near)
            pairs.update((j, i) for j in near)
    leads: dict[tuple[int, int], int] = {}
    for lower, upper in sorted(pairs):
        lead = align(_gap(drafts, lower, upper, overwrites))
        if lead < drafts[lower].size:
            leads[lower, upper] = lead
    return leads


def _overwrites(
    number: Mapping[int, int], steps: Sequence[Lowered], views: Mapping[int, View]
) -> dict[tuple[int, int, int], int]:
    """(draft written, draft read, step) -> how far the one's beginning must be before the other's."""

    def place_of(tensor: int) -> tuple[int | None, int]:
        view = views.get(tensor)
        return (number.get(tensor), 0) if view is None else (number.get(view.base), view.offset)

    found: dict[tuple[int, int, int], int] = {}
    for step, entry in enumerate(steps):
        if len(entry.calls) != 1:
            continue
        call = entry.calls[0]
        # A value of which two views are read may be written over only if both allow it.
        reads = [(place_of(arg.tensor)[0], arg.tensor) for arg in call.values if isinstance(arg, In)]
        known = {o.source for o in call.overlaps}
        for overlap in call.overlaps:
            source, source_offset = place_of(overlap.source)
            target, target_offset = place_of(overlap.target)
            if source is None or target is None or source == target:
                continue
            if any(draft == source and tensor not in known for draft, tensor in reads):
                continue
            key = (target, source, step)
            lead = max(0, overlap.lead) + target_offset - source_offset
            found[key] = max(found.get(key, lead), lead)
    return found


def _gap(drafts: Sequence[_Draft], lower: int, upper: int, overwrites: Mapping[tuple[int, int, int], int]) -> int:
    """How far the lower draft must begin before the upper one; nothing of the one that is alive lies over the other's,
    but for what a kernel writes over its input. Negative where it may even lie in rows of the other that are dead."""
    partly = drafts[lower].parts or drafts[upper].parts
    gap = -drafts[upper].size if partly else 0
    for below in drafts[lower].all_parts:
        for above in drafts[upper].all_parts:
            if below.first > above.last or above.first > below.last:
                continue
            apart = below.end - above.start
            if below.first == above.last:
                apart = overwrites.get((lower, upper, below.first), apart)
            gap = max(gap, apart)
    return gap


def _together(drafts: Sequence[_Draft], steps: Sequence[Lowered]) -> frozenset[tuple[int, int]]:
    """Outputs and the larger inputs with which they may begin."""
    of_tensor = {tensor: i for i, d in enumerate(drafts) for tensor in d.tensors}
    in_place: dict[tuple[int, int], set[int]] = {}
    for index, entry in enumerate(steps):
        if len(entry.calls) != 1:
            continue
        for source, target in _in_place_pairs(entry.calls[0], of_tensor):
            before, after = of_tensor[source], of_tensor[target]
            if before != after:
                in_place.setdefault((after, before), set()).add(index)
    return frozenset(pair for pair, when in in_place.items() if _only_met_at(when, drafts[pair[0]], drafts[pair[1]]))


def _only_met_at(steps: Container[int], after: _Draft, before: _Draft) -> bool:
    """Whether whatever is alive of both at once is written and read for the last time in one of these steps."""
    return all(
        new.first == old.last and new.first in steps
        for new in after.all_parts
        for old in before.all_parts
        if new.first <= old.last and old.first <= new.last
    )


def _in_slots(graph: Graph, drafts: Sequence[_Draft], slots: Mapping[int, int]) -> list[_Draft]:
    """The drafts, those of one slot as one."""
    found: dict[object, _Draft] = {}
    for draft in drafts:
        slot = slots.get(draft.tensors[0])
        key = id(draft) if slot is None else ("slot", slot)
        if slot is not None:
            draft.name = f"{graph.tensor(slot).name}, a strip"
        found[key] = _joined(found[key], draft) if key in found else draft
    return list(found.values())


def _scratch(steps: Sequence[Lowered], slots: Mapping[int, int]) -> dict[int, _Draft]:
    """Scratch memory by step."""
    scratch_of: dict[int, _Draft] = {}
    shared: dict[int, list[int]] = {}
    for index, entry in enumerate(steps):
        size = max(((call.scratch or 0) for call in entry.calls), default=0)
        if not size:
            continue
        scratch_of[index] = _Draft([], f"scratch of {entry.calls[0].kernel}", align(size), index, index)
        slot = next(
            (
                slots[arg.tensor]
                for c in entry.calls
                for arg in c.values
                if arg.tensor in slots and isinstance(arg, Out)
            ),
            None,
        )
        if slot is not None:
            shared.setdefault(slot, []).append(index)
    for indices in shared.values():
        together = scratch_of[indices[0]]
        for index in indices[1:]:
            together = _joined(together, scratch_of[index])
        scratch_of.update(dict.fromkeys(indices, together))
    return scratch_of


def _joined(one: _Draft, other: _Draft) -> _Draft:
    """Two drafts that are alive at different times in the same place."""
    return _Draft(
        one.tensors + other.tensors,
        one.name,
        max(one.size, other.size),
        min(one.first, other.first),
        max(one.last, other.last),
        one.all_parts + other.all_parts,
    )


def _lifetimes(graph: Graph, lowered: Sequence[Lowered], views: Mapping[int, View]) -> list[_Draft]:
    """One draft per group of aliased tensors, with the steps of its first write and last read."""
    of_tensor: dict[int, _Draft] = {}
    uses: dict[int, list[_Use]] = {}
    in_parts = {view.base for view in views.values()}

    def touch(tensor: int, step: int, writes: bool) -> None:
        if graph.tensor(tensor).is_constant:
            return
        view = views.get(tensor, View(tensor, 0))
        draft = of_tensor.get(view.base)
        if draft is None:
            value = graph.tensor(view.base)
            draft = _Draft([view.base], value.name, max(ALIGNMENT, align(value.nbytes)), step, step)
            of_tensor[view.base] = draft
        draft.last = max(draft.last, step)
        end = view.offset + graph.tensor(tensor).nbytes
        uses.setdefault(id(draft), []).append(_Use(view.offset, end, step, writes))

    for tensor in graph.inputs:
        touch(tensor, -1, True)
    step = 0
    for entry in lowered:
        if entry.alias is not None:
            _join_alias(of_tensor, entry.alias)
            continue
        for call in entry.calls:
            for arg in call.values:
                touch(arg.tensor, step, isinstance(arg, Out))
        if entry.control is not None:
            for tensor in entry.control.alive:
                touch(tensor, step, False)
            if isinstance(entry.control.condition, In):
                touch(entry.control.condition.tensor, step, False)
        step += entry.is_step
    for tensor in graph.outputs:
        touch(tensor, step, False)
    unique: dict[int, _Draft] = {id(d): d for d in of_tensor.values()}
    for key, draft in unique.items():
        if in_parts.intersection(draft.tensors):
            draft.parts = _parts(uses[key])
    return list(unique.values())


def _parts(uses: Sequence[_Use]) -> tuple[Part, ...]:
    """Rows that live from the same step to the same step; none that are never written."""
    edges = sorted({edge for use in uses for edge in (use.start, use.end)})
    parts: list[Part] = []
    for start, end in pairwise(edges):
        here = [use for use in uses if use.start <= start and end <= use.end]
        if not here:
            continue
        # A reader without a writer before it would be a mistake; counting readers, too, keeps what they read.
        first, last = min(use.step for use in here), max(use.step for use in here)
        if parts and parts[-1].end == start and (parts[-1].first, parts[-1].last) == (first, last):
            start = parts.pop().start
        parts.append(Part(start, end, first, last))
    return tuple(parts)


def _join_alias(of_tensor: dict[int, _Draft], alias: Alias) -> None:
    draft = of_tensor[alias.source]
    draft.tensors.append(alias.target)
    of_tensor[alias.target] = draft


def _in_place_pairs(call: KernelCall, of_tensor: Container[int]) -> list[tuple[int, int]]:
    return [(i, o) for i, o in call.in_place if i in of_tensor and o in of_tensor]
