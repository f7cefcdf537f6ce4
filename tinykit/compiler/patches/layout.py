"""A lowered graph with its memory, and the best of several ways to split it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tinykit.compiler.choice import Optimize, choose
from tinykit.compiler.kernels.base import Lowered, Target
from tinykit.compiler.lower import LoweredOp
from tinykit.compiler.patches.lowering import PatchLowering, choose_for_patches
from tinykit.compiler.patches.search import PLANNED, Candidate, Patches, candidates
from tinykit.compiler.patches.split import Split, split
from tinykit.compiler.placement import WORK
from tinykit.compiler.plan import MemoryPlan, plan_memory
from tinykit.compiler.schedule import schedule
from tinykit.graph.macs import op_macs
from tinykit.graph.types import Graph, Op


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
    """The layout with a stage in patches: of those that were planned the one with the smallest arena, of these that
    with the fewest multiply-accumulates. ``whole`` itself, where "auto" finds none with a smaller arena.

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
    best: tuple[Layout, Candidate] | None = None
    for way in ways[:PLANNED]:
        parts = split(graph, way.stage, way.count)
        assert parts is not None, "a candidate can be split"
        found = _of_split(parts, lowering, optimize)
        if best is None or (found.plan.arena_bytes, found.macs) < (best[0].plan.arena_bytes, best[0].macs):
            best = found, way
    assert best is not None
    layout, way = best
    if patches == "auto" and layout.plan.arena_bytes >= whole.plan.arena_bytes:
        return whole, None
    stage = way.stage
    return layout, PatchedStage(
        way.count,
        stage.height,
        stage.ops[0].op,
        stage.ops[-1].op,
        whole.plan.arena_bytes,
        whole.macs,
        whole.instructions,
    )


def _of_split(parts: Split, lowering: PatchLowering, optimize: Optimize) -> Layout:
    lowered = lowering(parts)
    chosen = choose_for_patches(parts, lowered, optimize)
    plan = plan_memory(parts.graph, chosen, parts.views, work=WORK // PLANNED)
    return Layout(parts.graph, parts.graph.ops, tuple(chosen), plan, parts.patch_of)
