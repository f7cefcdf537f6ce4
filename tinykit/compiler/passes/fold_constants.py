"""Evaluates shapes, and shape changes and transpositions of constants, so that none is left for the device."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinykit.graph.types import DType, Graph, Op

_SHAPE_ONLY = frozenset({"RESHAPE", "SQUEEZE", "EXPAND_DIMS"})


def fold_constants(graph: Graph) -> Graph:
    """The graph with SHAPE, and RESHAPE, SQUEEZE, EXPAND_DIMS and TRANSPOSE of constants replaced by constants."""
    kept: list[Op] = []
    for op in graph.ops:
        if not op.outputs:
            kept.append(op)
            continue
        source = graph.input(op, 0)
        target = graph.output(op)
        if source is not None and source.dtype.numpy is None:  # packed: its data has not its shape
            kept.append(op)
        elif op.kind in _SHAPE_ONLY and source is not None and source.data is not None and source.size == target.size:
            graph = graph.with_tensors({target.id: replace(target, data=source.data.reshape(target.shape))})
        elif (turned := _transposed(graph, op)) is not None:
            graph = graph.with_tensors({target.id: replace(target, data=turned)})
        elif (shape := _shape(graph, op)) is not None:
            graph = graph.with_tensors({target.id: replace(target, data=shape)})
        elif op.kind == "RESHAPE":
            # the output's shape is in the file: what computes it is of no use
            kept.append(replace(op, inputs=op.inputs[:1]))
        else:
            kept.append(op)
    return graph.with_ops(tuple(kept))


def _transposed(graph: Graph, op: Op) -> np.ndarray | None:
    source, order = graph.input(op, 0), graph.input(op, 1)
    if op.kind != "TRANSPOSE" or source is None or source.data is None or order is None or order.data is None:
        return None
    axes = [int(v) for v in order.data.reshape(-1)]
    if sorted(axes) != list(range(len(source.shape))):
        return None
    turned = np.ascontiguousarray(source.data.transpose(axes))
    return turned if turned.shape == graph.output(op).shape else None


def _shape(graph: Graph, op: Op) -> np.ndarray | None:
    source, target = graph.input(op, 0), graph.output(op)
    if op.kind != "SHAPE" or source is None or target.dtype is not DType.INT32:
        return None
    return np.array(source.shape, np.int32) if target.shape == (len(source.shape),) else None
