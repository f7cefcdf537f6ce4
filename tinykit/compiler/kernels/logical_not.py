"""LOGICAL_NOT."""

from __future__ import annotations

from tinykit.compiler.kernels.base import LowerContext, Lowered, lowers, same_types
from tinykit.compiler.kernels.checks import unary_operands
from tinykit.compiler.kernels.elementwise import lower_elementwise
from tinykit.graph.types import DType, Op


@lowers("LOGICAL_NOT", types=same_types(DType.BOOL), takes="any shape", refuses={})
def lower_logical_not(ctx: LowerContext, op: Op) -> Lowered:
    """``elementwise.cc`` of TFLite-Micro."""
    return lower_elementwise("tk_logical_not", *unary_operands(ctx, op))
