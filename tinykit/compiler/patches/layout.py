"""A lowered graph with its memory, and the best of several ways to split it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tinykit.compiler.choice import Optimize, choose
from tinykit.compiler.kernels.base import Lowered, Target
from tinykit.compiler.lower import LoweredOp
from tinykit.compiler.patches.lowering import PatchLowering, choose_for_patches
from tinykit.compiler.patches.search import Candidate, Patches, candidates
from tinykit.compiler.patches.split import split
from tinykit.compiler.placement import WORK
from tinykit.compiler.plan import MemoryPlan, plan_memory
from tinykit.compiler.schedule import schedule
from tinykit.graph.macs import op_macs
from tinykit.graph.types import Graph, Op

_PLANNED = 12
"""Ways to split a graph that are lowered and planned in full: two seconds for a network of thirty layers."""
_PLANNED_FREELY = 3
_NEAR = 0.02
"""By how much an arena may be larger than the smallest if fewer multiply-accumulates are done twice for it."""


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
    def instructions(self) -> int | None:
        """Modelled; None where some kernel has no model."""
        counts = [call.instructions for entry in self.lowered for call in entry.calls]
        return None if None in counts else sum(count or 0 for count in counts)


@dataclass(frozen=True)
class PatchedStage:
    """What patches were made, and what they cost.

    Attributes:
        count: of the patches; each is a strip of rows of the stage's result over its full width.
        rows: of that result.
        first, last: the stage's first and last operator.
        arena_whole: bytes that the model needs without patches.
        macs_whole, instructions_whole: of the model without patches; instructions as they are modelled, None where
            some kernel has no model of them.
    """

    count: int
    rows: int
    first: Op
    last: Op
    arena_whole: int
    macs_whole: int
    instructions_whole: int | None


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
    """The layout with a stage in patches: of those that were planned, and whose arena is the smallest or within ``_NEAR``
    of it, the one with the fewest multiply-accumulates; ``whole``, where "auto" finds none with a smaller arena.

    Raises:
        InputError: there is no stage that can be computed in as many patches as are asked for.
    """
    if patches in ("off", 1):
        return whole, None
    graph = whole.graph.with_ops(whole.ops)
    ways = candidates(graph, whole.lowered, whole.plan, patches, where)
    if not ways:
        return whole, None
    lowering = PatchLowering(target, ways[0].memory)
    tried = [_Tried(way, graph, lowering, optimize) for way in _worth_planning(ways)]
    for one in sorted(tried, key=lambda t: t.layout.plan.arena_bytes)[:_PLANNED_FREELY]:
        one.plan_freely()
    smallest = min(one.layout.plan.arena_bytes for one in tried)
    if patches == "auto" and smallest >= whole.plan.arena_bytes:
        return whole, None
    near = [t for t in tried if t.layout.plan.arena_bytes <= min(smallest * (1 + _NEAR), whole.plan.arena_bytes - 1)]
    best = min(near or tried, key=lambda t: (t.layout.macs, t.layout.plan.arena_bytes))
    stage = best.way.stage
    return best.layout, PatchedStage(
        best.way.count,
        stage.height,
        stage.ops[0].op,
        stage.ops[-1].op,
        whole.plan.arena_bytes,
        whole.macs,
        whole.instructions,
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
        plan = plan_memory(parts.graph, chosen, parts.strips, work=WORK // _PLANNED)
        self.way = way
        self.layout = Layout(parts.graph, parts.graph.ops, tuple(chosen), plan, parts.patch_of)

    def plan_freely(self) -> None:
        """Let each strip have a place of its own, where that makes the arena smaller: a search among many more."""
        before = self.layout
        if before.plan.arena_bytes > before.plan.lower_bound:
            strips = replace(before.plan.strips, slots={})
            plan = plan_memory(before.graph, before.lowered, strips, work=WORK // _PLANNED)
            if plan.arena_bytes < before.plan.arena_bytes:
                self.layout = replace(before, plan=plan)
