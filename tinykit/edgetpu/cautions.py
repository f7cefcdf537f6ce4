"""What no rule decides, but may make the compiler do otherwise than predicted."""

from __future__ import annotations

from tinykit.graph.types import DType, Graph, Op

LARGE = 1 << 20
"""Elements (bytes, in 8 bits). Reshapes, concatenations and activation functions on values of this size were seen
refused in logs ("unspecified limitation", "large activation tensors"), others were mapped: no sharp limit is known."""
_SENSITIVE = {"RESHAPE", "CONCATENATION", "LOGISTIC", "MEAN", "TRANSPOSE", "RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR"}
_SIZED_BY = {"RESHAPE": 1, "TILE": 1, "PAD": 1, "RESIZE_BILINEAR": 1, "RESIZE_NEAREST_NEIGHBOR": 1, "FILL": 0}


def cautions(graph: Graph, mapped: set[int], behind: set[int]) -> tuple[str, ...]:
    """Sentences on the model, most important first.

    Args:
        mapped: positions of the operators that are predicted to be mapped.
        behind: those of them that depend on an operator on the host which computes on 8 bits.
    """
    found = []
    dynamic = [op for op in graph.ops if _sized_at_run_time(graph, op)]
    if dynamic:
        found.append(
            f"{_named(dynamic)}: the size of the result is computed at run time. The compiler may refuse the whole "
            "file (“a delegate that only supports static-sized tensors”): export with fixed shapes"
        )
    inputs = [graph.tensors[i].name for i in graph.inputs if graph.tensors[i].open_shape]
    if inputs:
        found.append(f"the shape of input {', '.join(inputs)} is open in the file; it is taken as it stands there")
    late = [op for i, op in enumerate(graph.ops) if i in behind]
    if late:
        found.append(
            f"{_named(late)}: behind an operator that runs on the host at the model's beginning. How the compiler cuts "
            "such a graph is not known for sure: it may leave them on the host"
        )
    large = [op for i, op in enumerate(graph.ops) if i in mapped and op.kind in _SENSITIVE and _size(graph, op) > LARGE]
    if large:
        found.append(
            f"{_named(large)}: values of more than {LARGE:,} elements; such operators are sometimes left on the host, "
            "or the compiler gives up (“large activation tensors”)"
        )
    many = [
        op
        for i, op in enumerate(graph.ops)
        if i in mapped and op.kind in ("FULLY_CONNECTED", "SOFTMAX") and _rows(graph, op) > 1
    ]
    if many:
        found.append(
            f"{_named(many)}: documented for one-dimensional values only; compiler 16 was seen to map more rows, "
            "older ones may not"
        )
    if graph.subgraph_count > 1:
        found.append(f"{graph.subgraph_count} subgraphs (control flow): only the main one can go to the Edge TPU")
    return tuple(found)


def _sized_at_run_time(graph: Graph, op: Op) -> bool:
    position = _SIZED_BY.get(op.kind)
    tensor = None if position is None else graph.input(op, position)
    return tensor is not None and not tensor.is_constant and tensor.dtype in (DType.INT32, DType.INT64)


def _size(graph: Graph, op: Op) -> int:
    return max(graph.tensors[i].size for i in (op.inputs[0], op.outputs[0]))


def _rows(graph: Graph, op: Op) -> int:
    output = graph.output(op)
    return output.size // max(output.shape[-1], 1) if output.shape else 1


def _named(ops: list[Op]) -> str:
    """The first few operators: "3 RESHAPE, 12 LOGISTIC and 4 more"."""
    names = ", ".join(f"{op.index} {op.kind}" for op in ops[:4])
    return names + (f" and {len(ops) - 4} more" if len(ops) > 4 else "")
