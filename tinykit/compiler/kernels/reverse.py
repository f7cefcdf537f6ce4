"""REVERSE_V2 of any type with a memory layout, as a copy that reads backwards."""

from __future__ import annotations

from tinykit.compiler.kernels.base import LowerContext, Lowered, lowers
from tinykit.compiler.kernels.checks import constant, operands, require, require_shape
from tinykit.compiler.kernels.nd import MOVABLE, Loop, copy_or_alias, row_major_strides
from tinykit.graph.types import Op


@lowers(
    "REVERSE_V2",
    types=MOVABLE,
    takes="any constant axes, also such that are no neighbours, which TFLite-Micro does not take",
    refuses={"axes that are computed at run time": "make it a constant of the model"},
    float_exact=True,
)
def lower_reverse(ctx: LowerContext, op: Op) -> Lowered:
    source, axes, target = operands(ctx, op, 2)
    require_shape(target, source.shape, "input")
    rank = len(source.shape)
    given = [int(v) for v in constant(axes, "list of axes").reshape(-1)]
    reversed_axes = {axis + rank if axis < 0 else axis for axis in given}
    fits = reversed_axes <= set(range(rank)) and len(reversed_axes) == len(given)
    require(fits, f"its axes {given} do not fit {rank} dimensions", "convert the model again")
    loops, offset = [], 0
    for axis, (size, step) in enumerate(zip(source.shape, row_major_strides(source.shape), strict=True)):
        back = axis in reversed_axes
        loops.append(Loop(size, -step if back else step, step))
        offset += (size - 1) * step if back else 0
    return copy_or_alias(source, target, loops, offset)
