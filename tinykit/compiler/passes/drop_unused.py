"""Removes operators whose results nobody reads."""

from __future__ import annotations

from tinykit.graph.types import Graph, Op

_HAS_EFFECT = frozenset({"ASSIGN_VARIABLE", "CALL_ONCE", "VAR_HANDLE", "CUSTOM", "CIRCULAR_BUFFER", "IF", "WHILE"})


def drop_unused(graph: Graph) -> Graph:
    """The graph without operators that neither reach an output nor have an effect of their own."""
    needed = set(graph.outputs)
    kept: list[Op] = []
    for op in reversed(graph.ops):
        sets = any(i >= 0 and graph.tensor(i).is_variable for i in op.inputs)
        if sets or op.kind in _HAS_EFFECT or needed.intersection(op.outputs):
            kept.append(op)
            needed.update(i for i in op.inputs if i >= 0)
    return graph.with_ops(tuple(reversed(kept)))
