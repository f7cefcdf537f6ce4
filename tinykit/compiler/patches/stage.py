"""Stages of a graph that can be computed in patches: operators that follow each other, with one result."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from itertools import pairwise

from tinykit.compiler.patches.rows import RowOp, Rows, row_op
from tinykit.graph.types import Graph

MOST_OPS = 40
"""Longer stages are not looked at: what their patches have to recompute grows with each window."""


@dataclass(frozen=True, eq=False)
class Stage:
    """Operators ``first`` to ``last`` (inclusive, by their place in ``graph.ops``). ``result`` is the only value of
    theirs that is used elsewhere."""

    first: int
    last: int
    ops: tuple[RowOp, ...]
    result: int
    height: int

    def strips(self, count: int) -> list[Rows]:
        """The result's rows in as many strips, as equal as they can be, the smaller ones first."""
        edges = [self.height * i // count for i in range(count + 1)]
        return [Rows(a, b) for a, b in pairwise(edges)]

    def wanted(self, rows: Rows) -> dict[int, Rows] | None:
        """Which rows of each value these rows of the result are made from, and they themselves; None where some
        operator would have only border to work on."""
        wanted = {self.result: rows}
        for one in reversed(self.ops):
            needs = one.needs(wanted[one.op.outputs[0]])
            if needs.count < 1:
                return None
            for i in one.inputs:
                wanted[i] = wanted[i].joined(needs) if i in wanted else needs
        return wanted


def stages(graph: Graph, without_code: Container[int] = ()) -> list[Stage]:
    """All stages of two operators and more.

    Args:
        without_code: places of operators whose output is their input's memory: of these there are no strips.
    """
    ops = [None if place in without_code else row_op(graph, op) for place, op in enumerate(graph.ops)]
    last_reader = {i: place for place, op in enumerate(graph.ops) for i in op.inputs}
    last_reader.update(dict.fromkeys(graph.outputs, len(ops)))
    found: list[Stage] = []
    for first in range(len(ops)):
        inside: list[RowOp] = []
        for last in range(first, min(len(ops), first + MOST_OPS)):
            one = ops[last]
            if one is None:
                break
            inside.append(one)
            used_later = [o for r in inside for o in r.op.outputs if last_reader.get(o, -1) > last]
            if len(inside) > 1 and used_later == list(one.op.outputs):
                found.append(Stage(first, last, tuple(inside), one.op.outputs[0], one.height.out))
    return found
