"""SHAPE: the compiler knows it, ``passes/fold_constants.py``."""

from __future__ import annotations

from tinykit.compiler.kernels.base import LowerContext, Lowered, Refusal, lowers
from tinykit.compiler.kernels.nd import MOVABLE
from tinykit.graph.types import DType, Op


@lowers(
    "SHAPE",
    types=tuple((source, DType.INT32) for source, _ in MOVABLE),
    takes="everything; is a constant",
    refuses={},
    float_exact=True,
)
def lower_shape(ctx: LowerContext, op: Op) -> Lowered:
    """Only what contradicts itself was not folded before."""
    raise Refusal(f"its output is {list(ctx.graph.output(op).shape)}", "convert the model again")
