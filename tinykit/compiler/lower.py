"""Turns every operator of a graph into kernel calls, or says all at once which ones cannot be."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tinykit.compiler.kernels import REGISTRY
from tinykit.compiler.kernels.base import LowerContext, Lowered, Refusal, Target
from tinykit.compiler.kernels.portable_costs import with_costs
from tinykit.errors import UnsupportedModel
from tinykit.graph.types import Graph, Op


@dataclass(frozen=True)
class LoweredOp:
    op: Op
    lowered: Lowered


def lower_graph(graph: Graph, target: Target, where: str) -> tuple[LoweredOp, ...]:
    """Lower all operators in order.

    Raises:
        UnsupportedModel: lists every operator that was refused, with its index, the reason and what to do.
    """
    context = LowerContext(graph, target)
    done: list[LoweredOp] = []
    refused: list[str] = []
    for op in graph.ops:
        try:
            done.append(LoweredOp(op, lower_op(context, op)))
        except Refusal as refusal:
            kind = f"{op.kind} {op.custom_code!r}" if op.custom_code else op.kind
            refused.append(f"operator {op.index} {kind}: {refusal.why}; {refusal.hint}")
    if refused:
        count = len(refused)
        raise UnsupportedModel(
            f"{count} operator{'s' if count > 1 else ''} cannot be compiled",
            where=where,
            why="\n       ".join(refused),
            hint="change the model as said at each operator; `tinykit operators` lists what is supported",
        )
    return tuple(done)


def lower_op(context: LowerContext, op: Op) -> Lowered:
    """All ways to do an operator.

    Raises:
        Refusal: it cannot be compiled.
    """
    operator = REGISTRY.get(op.kind)
    if operator is None:
        raise Refusal("the operator is not supported", "replace it by supported operators")
    lowered = operator.lower_checked(context, op)
    calls = tuple(with_costs(call, context.graph, op, context.target) for call in lowered.calls)
    return replace(lowered, calls=calls)
