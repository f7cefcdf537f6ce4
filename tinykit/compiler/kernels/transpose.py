"""TRANSPOSE of any type with a memory layout."""

from __future__ import annotations

from tinykit.compiler.kernels.base import LowerContext, Lowered, lowers
from tinykit.compiler.kernels.checks import constant, input_tensor, require, require_shape
from tinykit.compiler.kernels.nd import MOVABLE, Loop, copy_or_alias, row_major_strides
from tinykit.graph.types import Op


@lowers(
    "TRANSPOSE",
    types=MOVABLE,
    takes="up to 5 dimensions, more where neighbours stay together; a constant permutation",
    refuses={"a permutation that is computed at run time": "make it a constant of the model"},
    float_exact=True,
)
def lower(ctx: LowerContext, op: Op) -> Lowered:
    source = input_tensor(ctx, op, 0, "input")
    target = ctx.graph.output(op)
    order = [int(v) for v in constant(input_tensor(ctx, op, 1, "permutation"), "permutation").reshape(-1)]
    order = [axis + len(source.shape) if axis < 0 else axis for axis in order]
    require(
        sorted(order) == list(range(len(source.shape))),
        f"its permutation {order} does not fit an input of {len(source.shape)} dimensions",
        "convert the model again",
    )
    expected = tuple(source.shape[axis] for axis in order)
    require_shape(target, expected, "input and permutation")
    strides = row_major_strides(source.shape)
    steps = row_major_strides(target.shape)
    return copy_or_alias(
        source,
        target,
        [Loop(source.shape[axis], strides[axis], step) for axis, step in zip(order, steps, strict=True)],
    )
