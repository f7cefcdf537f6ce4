"""Questions that several passes ask about a graph's wiring."""

from __future__ import annotations

import numpy as np

from tinykit.graph.types import Graph, Op, Tensor


def consumers(graph: Graph, tensor: int) -> list[Op]:
    """Operators that read a tensor."""
    return [op for op in graph.ops if tensor in op.inputs]


def producer(graph: Graph, tensor: int) -> Op | None:
    """The operator that writes a tensor; None for inputs and constants."""
    return next((op for op in graph.ops if tensor in op.outputs), None)


def read_only_by(graph: Graph, tensor: int, op: Op) -> bool:
    """Whether ``op`` is the only reader of a tensor, and the tensor is not a model output."""
    return tensor not in graph.outputs and [c.index for c in consumers(graph, tensor)] == [op.index]


def same_quantization(a: Tensor, b: Tensor) -> bool:
    """Whether two tensors' bytes mean the same."""
    if a.quant is None or b.quant is None:
        return a.quant is b.quant
    return np.array_equal(a.quant.scales, b.quant.scales) and np.array_equal(a.quant.zero_points, b.quant.zero_points)
