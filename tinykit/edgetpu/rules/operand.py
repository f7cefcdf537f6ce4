"""What rules ask of an operator's tensors."""

from __future__ import annotations

import numpy as np

from tinykit.graph.types import DType, Graph, Op, Tensor

EIGHT_BITS = frozenset({DType.INT8, DType.UINT8})
INNERMOST = 3
"""Dimensions that the Edge TPU has: y, x and z. The others of a tensor have to be 1."""


def activations(graph: Graph, op: Op) -> list[Tensor]:
    """Inputs that are computed at run time or given by the user; no constants, no states."""
    tensors = (graph.input(op, position) for position in range(len(op.inputs)))
    return [tensor for tensor in tensors if tensor is not None and not tensor.is_constant and not tensor.is_variable]


def outputs(graph: Graph, op: Op) -> list[Tensor]:
    return [graph.tensors[i] for i in op.outputs]


def integers(tensor: Tensor | None) -> list[int] | None:
    """The numbers of a constant of int32 or int64, flat; None if it is no such constant."""
    if tensor is None or tensor.data is None or tensor.dtype not in (DType.INT32, DType.INT64):
        return None
    if tensor.data.size != tensor.size:  # in an encoding of its own
        return None
    return [int(v) for v in np.ravel(tensor.data)]


def axes(tensor: Tensor | None, rank: int) -> set[int] | None:
    """Constant axes, counted from the front; None if they are not known, or do not exist."""
    values = integers(tensor)
    if values is None or any(not -rank <= v < rank for v in values):
        return None
    return {v % rank for v in values}


def beyond(tensor: Tensor) -> bool:
    """Whether more than the innermost three dimensions are larger than 1."""
    return any(d > 1 for d in tensor.shape[:-INNERMOST])


def shape(tensor: Tensor) -> str:
    return "x".join(map(str, tensor.shape)) or "scalar"
