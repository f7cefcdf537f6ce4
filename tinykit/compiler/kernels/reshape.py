"""RESHAPE, SQUEEZE, EXPAND_DIMS: the same bytes under another shape, so no code."""

from __future__ import annotations

from tinykit.compiler.kernels.base import Alias, LowerContext, Lowered, lowers
from tinykit.compiler.kernels.checks import CONVERT_AGAIN, input_tensor, require
from tinykit.compiler.kernels.nd import MOVABLE
from tinykit.graph.types import Op


@lowers(
    "RESHAPE",
    "SQUEEZE",
    "EXPAND_DIMS",
    types=MOVABLE,
    takes="everything; costs no code and no copy",
    refuses={},
    float_exact=True,
)
def lower_reshape(ctx: LowerContext, op: Op) -> Lowered:
    """The output is the input. A shape that is computed at run time does not matter: the output's is in the model."""
    source = input_tensor(ctx, op, 0, "input")
    target = ctx.graph.output(op)
    require(
        source.size == target.size,
        f"input of shape {list(source.shape)} has {source.size} elements, output of shape {list(target.shape)} "
        f"{target.size}",
        CONVERT_AGAIN,
    )
    return Lowered(alias=Alias(source.id, target.id))
