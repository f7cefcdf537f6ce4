"""Lets transpositions meet and merge: two that undo each other cost nothing.

A TRANSPOSE before an operator that treats all elements alike can as well come after it; where all inputs of an operator
are transposed alike, one is left. Models that were converted from frameworks with channels first are full of these.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinykit.compiler.passes.uses import producer, read_only_by, same_quantization
from tinykit.graph.types import DType, Graph, Op, Tensor

_ELEMENTWISE = frozenset({"RELU", "RELU6", "LEAKY_RELU", "LOGISTIC", "TANH", "HARD_SWISH", "ADD", "SUB", "MUL"})


def move_transposes(graph: Graph) -> Graph:
    """The graph with transpositions moved behind elementwise operators, and merged with those that follow.

    Those that are not read any more are left for ``drop_unused``.
    """
    for index in [op.index for op in graph.ops]:
        # in the order of the graph, so that one that was moved behind an operator is there when the next is looked at
        op = next((o for o in graph.ops if o.index == index), None)
        if op is not None and op.inputs and op.outputs:
            graph = _merged(graph, op) if op.kind == "TRANSPOSE" else _moved(graph, op)
    return graph


def _permutation(graph: Graph, op: Op | None) -> tuple[int, ...] | None:
    """Of a sound TRANSPOSE: dimension i of the output is this dimension of the input."""
    if op is None or op.kind != "TRANSPOSE":
        return None
    source, given = graph.input(op, 0), graph.input(op, 1)
    if source is None or given is None or given.data is None or source.is_constant:
        return None
    order = tuple(int(v) for v in given.data.reshape(-1))
    output = graph.output(op)
    if sorted(order) != list(range(len(source.shape))) or not same_quantization(source, output):
        return None
    return order if output.shape == tuple(source.shape[i] for i in order) else None


def _merged(graph: Graph, op: Op) -> Graph:
    """A TRANSPOSE of a TRANSPOSE reads what the first one reads."""
    before = producer(graph, op.inputs[0])
    first, second = _permutation(graph, before), _permutation(graph, op)
    if before is None or first is None or second is None:
        return graph
    order = np.array([first[i] for i in second], np.int32)
    number = max(graph.tensors) + 1
    constant = Tensor(number, f"{graph.output(op).name}_order", order.shape, DType.INT32, None, order)
    merged = replace(op, inputs=(before.inputs[0], number))
    ops = tuple(merged if o.index == op.index else o for o in graph.ops)
    return graph.with_tensors({number: constant}).with_ops(ops)


def _moved(graph: Graph, op: Op) -> Graph:
    """An elementwise operator reads what its inputs are transpositions of, and its output is transposed."""
    values = [i for i in op.inputs if i >= 0]
    variable = [i for i in dict.fromkeys(values) if not graph.tensor(i).is_constant]
    output = graph.output(op)
    if op.kind not in _ELEMENTWISE or len(values) != len(op.inputs) or not variable:
        return graph
    if any(graph.tensor(i).size != 1 for i in values if i not in variable):
        return graph
    before = [producer(graph, i) for i in variable]
    orders = {_permutation(graph, b) for b in before}
    alike = len(orders) == 1 and all(graph.tensor(i).shape == output.shape for i in variable)
    first = before[0]
    if not alike or None in orders or first is None or not all(read_only_by(graph, i, op) for i in variable):
        return graph
    source_of = {i: b.inputs[0] for i, b in zip(variable, before, strict=True) if b is not None}
    number = max(graph.tensors) + 1
    shape = graph.tensor(first.inputs[0]).shape
    result = replace(output, id=number, name=f"{output.name}_before", shape=shape)
    moved = replace(op, inputs=tuple(source_of.get(i, i) for i in op.inputs), outputs=(number,))
    after = replace(first, inputs=(number, first.inputs[1]), outputs=op.outputs)
    gone = {b.index for b in before if b is not None}
    ops: list[Op] = []
    for o in graph.ops:
        if o.index == op.index:
            ops += [moved, after]
        elif o.index not in gone:
            ops.append(o)
    return graph.with_tensors({number: result}).with_ops(tuple(ops))
