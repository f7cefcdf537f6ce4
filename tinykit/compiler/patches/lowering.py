"""Lowers graphs that differ in how they are split: each operator once for each size of strip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tinykit.compiler.choice import Optimize, Way, pick
from tinykit.compiler.kernels.base import LowerContext, Lowered, Target
from tinykit.compiler.lower import LoweredOp, lower_op
from tinykit.compiler.patches.split import Split
from tinykit.graph.types import Graph, Op


class PatchLowering:
    """Lowers what ``split`` makes of one graph. All of its operators were lowered before, so that none is refused.

    Args:
        largest: bytes that some operator needs in any case, see ``LowerContext``.
    """

    def __init__(self, target: Target, largest: int) -> None:
        self._target = target
        self._largest = largest
        self._known: dict[tuple[object, ...], tuple[Op, Lowered]] = {}

    def __call__(self, parts: Split) -> list[LoweredOp]:
        """The operators in order, with all ways to do each."""
        patches = [op for op, patch in zip(parts.graph.ops, parts.patch_of, strict=True) if patch is not None]
        made = frozenset(i for op in patches for i in op.outputs)
        context = LowerContext(parts.graph, self._target, made, self._largest)
        done = []
        for op, patch in zip(parts.graph.ops, parts.patch_of, strict=True):
            key = (patch is None, *_key(parts.graph, op))
            if key not in self._known:
                self._known[key] = (op, lower_op(context, op))
            before, lowered = self._known[key]
            names = dict(zip((*before.inputs, *before.outputs), (*op.inputs, *op.outputs), strict=True))
            done.append(LoweredOp(op, lowered if op == before else lowered.renamed(names)))
        return done


def _key(graph: Graph, op: Op) -> tuple[object, ...]:
    """Equal for strips of an operator that are lowered to the same but for their tensors."""
    shapes = tuple(graph.tensor(i).shape for i in (*op.inputs, *op.outputs) if i >= 0)
    amounts = graph.input(op, 1) if op.kind in ("PAD", "PADV2") else None
    border = amounts.data.tobytes() if amounts is not None and amounts.data is not None else b""
    return op.index, op.options, shapes, border


def choose_for_patches(parts: Split, lowered: Sequence[LoweredOp], optimize: Optimize) -> list[Lowered]:
    """As ``choose``; all patches of an operator are done the same way, so that they share weights and code."""
    groups: dict[tuple[int, int | None], list[int]] = {}
    for place, (entry, patch) in enumerate(zip(lowered, parts.patch_of, strict=True)):
        groups.setdefault((entry.op.index, None) if patch is not None else (entry.op.index, place), []).append(place)
    ways = [_common_ways([lowered[i].lowered for i in places]) for places in groups.values()]
    options = [[tuple(call for way in one for call in way) for one in of_group] for of_group in ways]
    chosen = [entry.lowered for entry in lowered]
    for places, of_group, number in zip(groups.values(), ways, pick(options, optimize), strict=True):
        for place, calls in zip(places, of_group[number], strict=True):
            chosen[place] = replace(chosen[place], calls=calls, alternatives=())
    return chosen


def _common_ways(entries: Sequence[Lowered]) -> list[tuple[Way, ...]]:
    """The ways that all strips of an operator have, each with its calls for every strip."""
    of_entries = [_by_kernels(entry) for entry in entries]
    return [tuple(ways[key] for ways in of_entries) for key in of_entries[0] if all(key in ways for ways in of_entries)]


def _by_kernels(entry: Lowered) -> dict[tuple[tuple[str, ...], int], Way]:
    """An operator's ways by their kernels, and by their order where several have the same."""
    ways: dict[tuple[tuple[str, ...], int], Way] = {}
    for way in (entry.calls, *entry.alternatives):
        kernels = tuple(call.kernel for call in way)
        ways[kernels, sum(known == kernels for known, _ in ways)] = way
    return ways
