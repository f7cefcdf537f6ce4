"""Splits outputs that are variables into a value of each run and the memory behind it.

CIRCULAR_BUFFER of TFLite-Micro works in its output, which keeps its contents from run to run if it is a variable. Here
it gets the variable as a further input, and its output becomes a value like any other, which others may read.
"""

from __future__ import annotations

from dataclasses import replace

from tinykit.graph.types import Graph, Tensor


def keep_variables(graph: Graph) -> Graph:
    """Give every CIRCULAR_BUFFER whose output is a variable the memory as a second input."""
    changed: dict[int, Tensor] = {}
    ops = []
    free = max(graph.tensors, default=0) + 1
    for op in graph.ops:
        if op.kind == "CIRCULAR_BUFFER" and len(op.inputs) == 1 and op.outputs and graph.output(op).is_variable:
            value = graph.output(op)
            changed[value.id] = replace(value, is_variable=False)
            changed[free] = replace(value, id=free)
            op = replace(op, inputs=(*op.inputs, free))
            free += 1
        ops.append(op)
    return graph.with_tensors(changed).with_ops(tuple(ops)) if changed else graph
