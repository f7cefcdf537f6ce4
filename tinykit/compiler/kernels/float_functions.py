"""Functions of one variable that TFLite-Micro has for float32 only."""

from __future__ import annotations

from tinykit.compiler.kernels.base import LowerContext, Lowered, lowers, same_types
from tinykit.compiler.kernels.checks import unary_operands
from tinykit.compiler.kernels.unary_float import lower_float
from tinykit.graph.types import DType, Op

_FLOAT = same_types(DType.FLOAT32)


@lowers("COS", "EXP", "LOG", "SIN", takes="any shape", refuses={}, types=_FLOAT)
def lower_of_libm(ctx: LowerContext, op: Op) -> Lowered:
    """The C library's functions, which are not the same to the last bit everywhere."""
    return lower_float(f"tk_{op.kind.lower()}_f32", *unary_operands(ctx, op))


@lowers("CEIL", "FLOOR", "NEG", "SQRT", "SQUARE", takes="any shape", refuses={}, types=_FLOAT, float_exact=True)
def lower_exact(ctx: LowerContext, op: Op) -> Lowered:
    """What IEEE 754 leaves no freedom in."""
    return lower_float(f"tk_{op.kind.lower()}_f32", *unary_operands(ctx, op))


@lowers("ROUND", takes="any shape; ties go to the even integer", refuses={}, types=_FLOAT, float_exact=True)
def lower_round(ctx: LowerContext, op: Op) -> Lowered:
    """``reference/round.h`` of TFLite."""
    return lower_float("tk_round_f32", *unary_operands(ctx, op))
