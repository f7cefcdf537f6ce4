"""ZEROS_LIKE."""

from __future__ import annotations

from tinykit.compiler.kernels.base import KernelCall, LowerContext, Lowered, Out, ParamValue, lowers, same_types
from tinykit.compiler.kernels.checks import unary_operands
from tinykit.graph.types import DType, Op


@lowers(
    "ZEROS_LIKE",
    types=same_types(DType.INT8, DType.INT32, DType.INT64, DType.FLOAT32),
    takes="any shape; the zeros are those of the type, whatever the zero point",
    refuses={},
    float_exact=True,
)
def lower_zeros_like(ctx: LowerContext, op: Op) -> Lowered:
    """``zeros_like.cc`` of TFLite-Micro; zeros of all types are bytes of 0."""
    _, target = unary_operands(ctx, op)
    params: dict[str, ParamValue] = {"size": 1, "count": target.nbytes, "element": (0, 0, 0, 0)}
    return Lowered((KernelCall("tk_fill", params, (Out(target.id),)),))
