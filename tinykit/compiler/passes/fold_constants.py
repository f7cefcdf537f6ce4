"""Evaluates shape changes of constants, so that no operator is left that only renames a constant."""

from __future__ import annotations

from dataclasses import replace

from tinykit.graph.types import Graph, Op

_SHAPE_ONLY = frozenset({"RESHAPE", "SQUEEZE", "EXPAND_DIMS"})


def fold_constants(graph: Graph) -> Graph:
    """The graph with RESHAPE, SQUEEZE and EXPAND_DIMS of constants replaced by constants."""
    kept: list[Op] = []
    for op in graph.ops:
        source = graph.input(op, 0)
        target = graph.output(op)
        if op.kind in _SHAPE_ONLY and source is not None and source.data is not None and source.size == target.size:
            graph = graph.with_tensors({target.id: replace(target, data=source.data.reshape(target.shape))})
        else:
            kept.append(op)
    return graph.with_ops(tuple(kept))
