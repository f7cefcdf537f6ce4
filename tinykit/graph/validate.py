"""Checks that hold for every graph, whatever its operators: indices, order of definition, sizes."""

from __future__ import annotations

from tinykit.errors import ModelError
from tinykit.graph.types import Graph

_WITHOUT_INPUT = frozenset({"VAR_HANDLE", "CALL_ONCE"})
_WITHOUT_OUTPUT = frozenset({"ASSIGN_VARIABLE", "CALL_ONCE", "IF", "WHILE"})


def validate(graph: Graph, where: str, *, lenient: bool = False, subgraph: int = 0) -> None:
    """Check the graph's wiring.

    Args:
        subgraph: the index of this one. Others than the main one may be empty.
        lenient: an operator may have no input or output, read a tensor that nothing wrote before, and write one again.

    Raises:
        ModelError: names the first tensor or operator that is wrong.
    """

    def fail(why: str) -> None:
        raise ModelError(
            "the model is not consistent",
            where=where,
            why=f"in subgraph {subgraph}, {why}" if subgraph else why,
            hint="convert the model again from its source",
        )

    count = len(graph.tensors)
    if subgraph == 0 and not graph.ops:
        fail("it has no operators")
    if subgraph == 0 and not graph.inputs:
        fail("it has no inputs")
    if subgraph == 0 and not graph.outputs:
        fail("it has no outputs")
    for kind, ids in (("input", graph.inputs), ("output", graph.outputs)):
        for i in ids:
            if not 0 <= i < count:
                fail(f"model {kind} refers to tensor {i}, but there are {count}")
    for i in graph.inputs:
        if graph.tensor(i).is_constant:
            fail(f"model input {graph.tensor(i).name!r} is a constant")

    written = {i for i, t in graph.tensors.items() if t.is_constant} | set(graph.inputs)
    # a variable has a value before an operator writes it
    known = written | {i for i, t in graph.tensors.items() if t.is_variable}
    for op in graph.ops:
        label = f"operator {op.index} ({op.kind})"
        for i in op.inputs:
            if i == -1:
                continue
            if not 0 <= i < count:
                fail(f"{label} reads tensor {i}, but there are {count}")
            if i not in known and not lenient:
                fail(f"{label} reads tensor {i} ({graph.tensor(i).name!r}) before any operator wrote it")
        if not op.inputs and not lenient and op.kind not in _WITHOUT_INPUT:
            fail(f"{label} has no input")
        if not op.outputs and not lenient and op.kind not in _WITHOUT_OUTPUT:
            fail(f"{label} has no output")
        for i in op.outputs:
            if not 0 <= i < count:
                fail(f"{label} writes tensor {i}, but there are {count}")
            if i in written and not lenient:
                fail(f"{label} writes tensor {i} ({graph.tensor(i).name!r}), which already has a value")
            known.add(i)
            written.add(i)
    for i in graph.outputs:
        if i not in known:
            fail(f"model output {graph.tensor(i).name!r} is never written")
