"""BROADCAST_ARGS."""

from __future__ import annotations

from tinykit.compiler.kernels.base import In, KernelCall, LowerContext, Lowered, Out, lowers, same_types
from tinykit.compiler.kernels.checks import CONVERT_AGAIN, operands, require
from tinykit.graph.types import DType, Op


@lowers(
    "BROADCAST_ARGS",
    types=same_types(DType.INT32, DType.INT64),
    takes="any shapes; of those that do not broadcast, at which TFLite-Micro stops, the first one's sizes",
    refuses={},
)
def lower(ctx: LowerContext, op: Op) -> Lowered:
    first, second, target = operands(ctx, op, 2)
    require(
        second.dtype is first.dtype and all(len(t.shape) == 1 for t in (first, second, target)),
        "its shapes are not vectors of one type",
        CONVERT_AGAIN,
    )
    kernel = "tk_broadcast_args_s32" if target.dtype is DType.INT32 else "tk_broadcast_args_s64"
    params = {"first": first.size, "second": second.size, "count": target.size}
    return Lowered((KernelCall(kernel, params, (In(first.id), In(second.id), Out(target.id))),))
