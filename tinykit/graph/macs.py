"""Multiply-accumulate counts per operator, computed from shapes alone.

Convention (as MLPerf Tiny and vendor tools count): one multiply plus one add is one MAC; taps that fall into padding
count, also the products of a TRANSPOSE_CONV that fall outside of its output; activations, pooling, element-wise and
data movement count as zero.
"""

from __future__ import annotations

import math

from tinykit.graph.calls import executed
from tinykit.graph.options import BatchMatMulOptions
from tinykit.graph.types import Graph, Op


def op_macs(graph: Graph, op: Op) -> int:
    """MACs of one inference of ``op``; 0 for operators that are not sums of products, or whose shapes are odd."""
    if not op.outputs:
        return 0
    output = graph.output(op)
    weights = graph.input(op, 1)
    if weights is None or not weights.shape or not output.shape:
        return 0
    if op.kind == "CONV_2D" and len(weights.shape) == 4:
        return output.size * math.prod(weights.shape[1:])
    if op.kind == "DEPTHWISE_CONV_2D" and len(weights.shape) == 4:
        return output.size * weights.shape[1] * weights.shape[2]
    if op.kind == "TRANSPOSE_CONV" and len(weights.shape) == 4:
        source = graph.input(op, 2)
        return source.size * math.prod(weights.shape[:3]) if source is not None else 0
    if op.kind == "BATCH_MATMUL":
        options = op.options
        adjoint = isinstance(options, BatchMatMulOptions) and options.adjoint_y
        return output.size * weights.shape[-1 if adjoint else max(-2, -len(weights.shape))]
    if op.kind == "FULLY_CONNECTED":
        return output.size * weights.shape[-1]
    time = graph.input(op, 2)
    if op.kind == "SVDF" and time is not None and len(time.shape) == 2:
        return output.shape[0] * time.shape[0] * (weights.shape[-1] + time.shape[1])
    if op.kind == "UNIDIRECTIONAL_SEQUENCE_LSTM":
        # each of four gates: a row of weights of the input, and one of the state
        return output.size * 4 * (weights.shape[-1] + output.shape[-1])
    return 0


def total_macs(graph: Graph) -> int:
    """MACs of one inference of the whole graph; those of a subgraph once, however often it is executed."""
    return sum(op_macs(one, op) for one in executed(graph).values() for op in one.ops)
