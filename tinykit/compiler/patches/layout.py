"""A lowered graph with its memory, and the best of several ways to split it."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

from tinykit.compiler.choice import Optimize, choose
from tinykit.compiler.kernels.base import Lowered, Target
from tinykit.compiler.lower import LoweredOp
from tinykit.compiler.patches.lowering import PatchLowering, choose_for_patches
from tinykit.compiler.patches.search import Candidate, Patches, candidates
from tinykit.compiler.patches.split import split
from tinykit.compiler.placement import WORK
from tinykit.compiler.plan import MemoryPlan, plan_memory
from tinykit.compiler.schedule import has_order_of_its_own, schedule
from tinykit.errors import InputError
from tinykit.graph.macs import op_macs
from tinykit.graph.types import Graph, Op

_PLANNED = 24
"""Ways to split a graph that are lowered and planned in full: two seconds for a network of thirty layers."""
_WORK = WORK // 48
_PLANNED_FREELY = 6
_MUCH_WORK = WORK // 12
_WORTHWHILE = 0.05
"""How much less memory must be possible at best, by the bound, for a search among all places of all strips."""
_NEAR = 0.05
"""By how much an arena may be larger than the smallest if less is computed twice for it."""


@dataclass(frozen=True)
class Layout:
    """Operators in their order, each done one way, and where their values are.

    Attributes:
        patch_of: for each operator the number of its patch, None where it has none.
    """

    graph: Graph
    ops: tuple[Op, ...]
    lowered: tuple[Lowered, ...]
    plan: MemoryPlan
    patch_of: tuple[int | None, ...]

    @property
    def macs(self) -> int:
        """Multiply-accumulates, those that are done again included."""
        return sum(op_macs(self.graph, op) for op in self.ops)

    @property
    def cost(self) -> int:
        """Modelled instructions, of the kernels that have a model; 0 on a core for which none has one."""
        return sum(call.instructions or 0 for entry in self.lowered for call in entry.calls)

    def instructions_of(self, indices: Container[int]) -> int | None:
        """Modelled, of operators by their index in the file; None where some kernel has no model."""
        entries = [entry for op, entry in zip(self.ops, self.lowered, strict=True) if op.index in indices]
        counts = [call.instructions for entry in entries for call in entry.calls]
        return None if None in counts else sum(count or 0 for count in counts)


@dataclass(frozen=True)
class PatchedStage:
    """What patches were made, what they save, and what they cost.

    Attributes:
        count: of the patches; each is a strip of rows of the stage's result over its full width.
        rows: of that result.
        first, last: the stage's first and last operator, kind and index in the model file.
        arena, arena_whole: bytes that the model needs with and without patches.
        macs, macs_whole: multiply-accumulates of one inference with and without patches.
        more_macs_percent: what is computed again, of ``macs_whole``.
        instructions, instructions_whole: of the stage, as they are modelled; None where some kernel has no model.
    """

    count: int
    rows: int
    first: str
    last: str
    arena: int
    arena_whole: int
    macs: int
    macs_whole: int
    more_macs_percent: float
    instructions: int | None
    instructions_whole: int | None

    def text(self) -> str:
        """For the terminal."""
        text = (
            f"{self.count} patches from {self.first} to {self.last}: arena {self.arena:,} bytes instead of "
            f"{self.arena_whole:,}, {self.more_macs_percent:.1f} % more MACs"
        )
        if self.instructions is None or self.instructions_whole is None:
            return text
        return (
            f"{text}; the stage has {self.instructions:,} modelled instructions instead of {self.instructions_whole:,}"
        )


def lay_out(graph: Graph, lowered: Sequence[LoweredOp], optimize: Optimize) -> Layout:
    """The graph without patches, in the order that needs least memory."""
    ops = [entry.op for entry in lowered]
    chosen = choose([entry.lowered for entry in lowered], optimize)
    plan = plan_memory(graph, chosen)
    order = schedule(graph, chosen)
    if order != sorted(order):
        other = [chosen[i] for i in order]
        lower = plan_memory(graph, other)
        if lower.arena_bytes < plan.arena_bytes:
            plan, chosen, ops = lower, other, [ops[i] for i in order]
    return Layout(graph, tuple(ops), tuple(chosen), plan, (None,) * len(ops))


def patched_layout(
    whole: Layout, target: Target, optimize: Optimize, patches: Patches, where: str
) -> tuple[Layout, PatchedStage | None]:
    """The layout with a stage in patches: of those that were planned, and whose arena is the smallest or nearly so, the
    one that costs least. With "auto" that may be ``whole``.

    Raises:
        InputError: there is no stage that can be computed in as many patches as are asked for.
    """
    if patches in ("off", 1):
        return whole, None
    if has_order_of_its_own(whole.lowered):
        if patches == "auto":
            return whole, None
        raise InputError(
            f"no stage of the model can be computed in {patches} patches",
            where=where,
            why="it has loops, branches or variables",
            hint="leave out --patches",
        )
    graph = whole.graph.with_ops(whole.ops)
    ways = candidates(graph, whole.lowered, whole.plan, patches, where)
    if not ways:
        return whole, None
    lowering = PatchLowering(target, ways[0].memory)
    tried = [_Tried(way, graph, lowering, optimize) for way in _worth_planning(ways)]
    for one in sorted(tried, key=lambda t: t.layout.plan.arena_bytes)[:_PLANNED_FREELY]:
        one.plan_freely()
    most = min(one.layout.plan.arena_bytes for one in tried) * (1 + _NEAR)
    if patches == "auto" and whole.plan.arena_bytes <= most:
        return whole, None
    near = [one for one in tried if one.layout.plan.arena_bytes <= most]
    best = min(near, key=lambda one: (one.layout.cost, one.layout.macs, one.layout.plan.arena_bytes))
    return best.layout, _patched_stage(best, whole)


def _patched_stage(best: _Tried, whole: Layout) -> PatchedStage:
    ops = [one.op for one in best.way.stage.ops]
    indices = {op.index for op in ops}
    first, last = (op.label for op in (ops[0], ops[-1]))
    return PatchedStage(
        count=best.way.count,
        rows=best.way.stage.height,
        first=first,
        last=last,
        arena=best.layout.plan.arena_bytes,
        arena_whole=whole.plan.arena_bytes,
        macs=best.layout.macs,
        macs_whole=whole.macs,
        more_macs_percent=round(100 * (best.layout.macs - whole.macs) / max(1, whole.macs), 2),
        instructions=best.layout.instructions_of(indices),
        instructions_whole=whole.instructions_of(indices),
    )


def _worth_planning(ways: Sequence[Candidate]) -> list[Candidate]:
    """Those that seem to need least memory, and those that compute least with nearly as little."""
    near = [way for way in ways if way.memory <= ways[0].memory * (1 + _NEAR)]
    frugal = sorted(near, key=lambda way: way.more_macs)
    return list(dict.fromkeys((*ways[: _PLANNED // 2], *frugal[: _PLANNED // 2])))


class _Tried:
    """A way to split a graph, lowered and planned; strips of one value all have the same place."""

    def __init__(self, way: Candidate, graph: Graph, lowering: PatchLowering, optimize: Optimize) -> None:
        parts = split(graph, way.stage, way.count)
        assert parts is not None, "a candidate can be split"
        chosen = choose_for_patches(parts, lowering(parts), optimize)
        plan = plan_memory(parts.graph, chosen, parts.strips, work=_WORK)
        self.way = way
        self.layout = Layout(parts.graph, parts.graph.ops, tuple(chosen), plan, parts.patch_of)

    def plan_freely(self) -> None:
        """Let each strip have a place of its own, where that could make the arena much smaller: there are many more of
        them to be searched."""
        before = self.layout
        if before.plan.arena_bytes > before.plan.lower_bound * (1 + _WORTHWHILE):
            strips = replace(before.plan.strips, slots={})
            plan = plan_memory(before.graph, before.lowered, strips, work=_MUCH_WORK)
            if plan.arena_bytes < before.plan.arena_bytes:
                self.layout = replace(before, plan=plan)
