"""RESHAPE, SQUEEZE, EXPAND_DIMS: the same bytes under another shape, so no code."""

from __future__ import annotations

from tinykit.compiler.kernels.base import LowerContext, Lowered, lowers
from tinykit.compiler.kernels.checks import CONVERT_AGAIN, constant, input_tensor, require, require_shape
from tinykit.compiler.kernels.nd import MOVABLE, Loop, copy_or_alias
from tinykit.graph.options import SqueezeOptions
from tinykit.graph.types import Op, Tensor

_FREE = "costs no code and no copy"


@lowers(
    "RESHAPE",
    types=MOVABLE,
    takes=f"everything, also a shape that is computed: that of the output counts; {_FREE}",
    refuses={},
    float_exact=True,
)
def lower_reshape(ctx: LowerContext, op: Op) -> Lowered:
    source, target = input_tensor(ctx, op, 0, "input"), ctx.graph.output(op)
    return _same_bytes(source, target)


@lowers("SQUEEZE", types=MOVABLE, takes=f"everything; {_FREE}", refuses={}, float_exact=True)
def lower_squeeze(ctx: LowerContext, op: Op) -> Lowered:
    assert isinstance(op.options, SqueezeOptions)
    source, target = input_tensor(ctx, op, 0, "input"), ctx.graph.output(op)
    rank = len(source.shape)
    for axis in op.options.dims:
        single = -rank <= axis < rank and source.shape[axis] == 1
        require(single, f"its input {list(source.shape)} has no axis {axis} of size 1", CONVERT_AGAIN)
    return _same_bytes(source, target)


@lowers(
    "EXPAND_DIMS",
    types=MOVABLE,
    takes=f"everything; {_FREE}",
    refuses={"an axis that is computed at run time": "make it a constant of the model"},
    float_exact=True,
)
def lower_expand_dims(ctx: LowerContext, op: Op) -> Lowered:
    source, target = input_tensor(ctx, op, 0, "input"), ctx.graph.output(op)
    given = constant(input_tensor(ctx, op, 1, "axis"), "axis").reshape(-1)
    rank = len(source.shape)
    require(given.size == 1 and -rank - 1 <= given[0] <= rank, f"its axis is {given.tolist()}", CONVERT_AGAIN)
    axis = int(given[0]) % (rank + 1)
    require_shape(target, (*source.shape[:axis], 1, *source.shape[axis:]), "input and axis")
    return _same_bytes(source, target)


def _same_bytes(source: Tensor, target: Tensor) -> Lowered:
    require(
        source.size == target.size,
        f"input of shape {list(source.shape)} has {source.size} elements, output of shape {list(target.shape)} "
        f"{target.size}",
        CONVERT_AGAIN,
    )
    return copy_or_alias(source, target, [Loop(target.size, 1, 1)])
