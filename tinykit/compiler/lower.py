"""Turns every operator of a graph into kernel calls, or says all at once which ones cannot be."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tinykit.compiler.kernels import REGISTRY
from tinykit.compiler.kernels.base import KernelCall, LowerContext, Lowered, Refusal
from tinykit.compiler.kernels.portable_costs import with_costs
from tinykit.errors import UnsupportedModel
from tinykit.graph.types import Op


@dataclass(frozen=True)
class LoweredOp:
    op: Op
    lowered: Lowered


class Refusals:
    """What could not be lowered, of all subgraphs together."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    def add(self, op: Op, refusal: Refusal) -> None:
        """Note an operator, once for each reason."""
        kind = f"{op.kind} {op.custom_code!r}" if op.custom_code else op.kind
        where = f" of subgraph {op.subgraph}" if op.subgraph else ""
        text = f"operator {op.index}{where} {kind}: {refusal.why}; {refusal.hint}"
        if text not in self._texts:
            self._texts.append(text)

    def check(self, where: str) -> None:
        """End here if there is one.

        Raises:
            UnsupportedModel: lists every operator that was refused, with its index, the reason and what to do.
        """
        if self._texts:
            count = len(self._texts)
            raise UnsupportedModel(
                f"{count} operator{'s' if count > 1 else ''} cannot be compiled",
                where=where,
                why="\n       ".join(self._texts),
                hint="change the model as said at each operator; `tinykit operators` lists what is supported",
            )


def lower_op(context: LowerContext, op: Op) -> Lowered:
    """All ways to do an operator.

    Raises:
        Refusal: it cannot be compiled.
    """
    operator = REGISTRY.get(op.kind)
    if operator is None:
        raise Refusal("the operator is not supported", "replace it by supported operators")
    lowered = operator.lower_checked(context, op)

    def costed(calls: tuple[KernelCall, ...]) -> tuple[KernelCall, ...]:
        return tuple(with_costs(call, context.graph, op, context.target) for call in calls)

    return replace(lowered, calls=costed(lowered.calls), alternatives=tuple(map(costed, lowered.alternatives)))
