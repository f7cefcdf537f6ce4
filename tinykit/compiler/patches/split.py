"""Rewrites a graph so that a stage of it is computed one strip of rows after the other."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tinykit.compiler.patches.rows import RowOp, Rows
from tinykit.compiler.patches.stage import Stage
from tinykit.compiler.plan import Strips, View
from tinykit.graph.types import Graph, Op, Tensor

_ROWS = ", rows "


@dataclass(frozen=True)
class Split:
    """A graph with a stage in patches.

    Attributes:
        graph: each operator of the stage is there once for each patch, with the index it had.
        strips: views are rows of what the stage reads, of its result, and of values of which several operators read
            different rows; the strips of one value share a slot.
        patch_of: for each operator of ``graph`` the number of its patch; None outside of the stage.
    """

    stage: Stage
    count: int
    graph: Graph
    strips: Strips
    patch_of: tuple[int | None, ...]


def split(graph: Graph, stage: Stage, count: int) -> Split | None:
    """The graph with the stage in ``count`` patches; None where a patch would have nothing but border to work on."""
    builder = _Builder(graph, stage)
    ops = list(graph.ops[: stage.first])
    patch_of: list[int | None] = [None] * stage.first
    for number, rows in enumerate(stage.strips(count)):
        wanted = stage.wanted(rows)
        if wanted is None:
            return None
        made = builder.patch(wanted)
        ops += made
        patch_of += [number] * len(made)
    rest = graph.ops[stage.last + 1 :]
    patched = graph.with_tensors(builder.tensors).with_ops((*ops, *rest))
    return Split(stage, count, patched, Strips(builder.views, builder.slots), (*patch_of, *[None] * len(rest)))


class _Builder:
    def __init__(self, graph: Graph, stage: Stage) -> None:
        self.graph = graph
        self.stage = stage
        self.tensors: dict[int, Tensor] = {}
        self.views: dict[int, View] = {}
        self.slots: dict[int, int] = {}
        self._next = max(graph.tensors) + 1

    def patch(self, wanted: dict[int, Rows]) -> list[Op]:
        """The operators of one patch."""
        # The stage's own values begin with the first row that is wanted; what it reads and its result are whole.
        whole = {i for one in self.stage.ops for i in one.inputs} - {one.op.outputs[0] for one in self.stage.ops}
        held = {i: (self.graph.tensor(i), Rows(0, self.graph.tensor(i).shape[1])) for i in (*whole, self.stage.result)}
        ops = []
        for one in self.stage.ops:
            output = one.op.outputs[0]
            rows = wanted[output]
            needs = one.needs(rows)
            inputs = {i: self._rows_of(*held[i], needs) for i in one.inputs}
            if output not in held:
                held[output] = (self._cut(self.graph.tensor(output), rows), rows)
            made = self._rows_of(*held[output], rows)
            self.slots[made] = output
            ops.append(self._op(one, rows, inputs, made))
        return ops

    def _op(self, one: RowOp, rows: Rows, inputs: dict[int, int], output: int) -> Op:
        ids = [inputs.get(i, i) for i in one.op.inputs]
        if one.amounts is not None:
            amounts: np.ndarray = one.amounts_for(rows)
            ids[1] = self._new(replace(self.graph.tensor(ids[1]), data=amounts)).id
        return replace(one.op, inputs=tuple(ids), outputs=(output,), options=one.options_for(rows))

    def _rows_of(self, value: Tensor, held: Rows, rows: Rows) -> int:
        """A tensor with these rows: the value itself, which holds those, or a view of it."""
        if rows == held:
            return value.id
        whole = value.name.split(_ROWS)[0]
        view = self._cut(replace(value, name=whole), rows)
        self.views[view.id] = View(value.id, (rows.start - held.start) * (value.nbytes // value.shape[1]))
        return view.id

    def _cut(self, whole: Tensor, rows: Rows) -> Tensor:
        """A tensor of some rows, for reports named after these."""
        name = f"{whole.name}{_ROWS}{rows.start}-{rows.stop - 1}"
        return self._new(replace(whole, shape=(1, rows.count, *whole.shape[2:]), name=name))

    def _new(self, tensor: Tensor) -> Tensor:
        new = replace(tensor, id=self._next)
        self._next += 1
        self.tensors[new.id] = new
        return new
