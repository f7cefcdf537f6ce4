"""LOGICAL_AND and LOGICAL_OR."""

from __future__ import annotations

from tinykit.compiler.kernels.arithmetic import BROADCAST_REFUSES, two_operands
from tinykit.compiler.kernels.base import LowerContext, Lowered, lowers, same_types
from tinykit.graph.types import DType, Op


@lowers(
    "LOGICAL_AND",
    "LOGICAL_OR",
    types=same_types(DType.BOOL),
    takes="broadcasting; constants",
    refuses=BROADCAST_REFUSES,
    float_exact=True,
)
def lower(ctx: LowerContext, op: Op) -> Lowered:
    return two_operands(ctx, op).call("tk_logical", {"least": 2 if op.kind == "LOGICAL_AND" else 1})
