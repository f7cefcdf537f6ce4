"""SPLIT, SPLIT_V and UNPACK of any type with a memory layout: the reverse of CONCATENATION and PACK.

As in TensorFlow Lite Micro, the outputs' shapes say how long the parts are; the sizes that SPLIT_V has as an input say
nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from tinykit.compiler.kernels.base import LowerContext, Lowered, lowers
from tinykit.compiler.kernels.checks import CONVERT_AGAIN, constant, input_tensor, require
from tinykit.compiler.kernels.nd import MOVABLE, split
from tinykit.graph.options import UnpackOptions
from tinykit.graph.types import DType, Op, Tensor

_AGAIN = "convert the model again"
_TAKES = "any number of outputs; any constant axis; int8 is never rescaled; what nothing reads is not copied"
_REFUSES = {"an axis that is computed at run time": "make it a constant of the model"}


@lowers("SPLIT", types=MOVABLE, takes=_TAKES, refuses=_REFUSES, float_exact=True, works_on=1)
def lower_split(ctx: LowerContext, op: Op) -> Lowered:
    return _split(ctx, op, input_tensor(ctx, op, 1, "input"), input_tensor(ctx, op, 0, "axis"))


@lowers("SPLIT_V", types=MOVABLE, takes=_TAKES, refuses=_REFUSES, float_exact=True)
def lower_split_v(ctx: LowerContext, op: Op) -> Lowered:
    return _split(ctx, op, input_tensor(ctx, op, 0, "input"), input_tensor(ctx, op, 2, "axis"))


@lowers(
    "UNPACK",
    types=MOVABLE,
    takes="any axis; int8 is never rescaled; what nothing reads is not copied",
    refuses={},
    float_exact=True,
)
def lower_unpack(ctx: LowerContext, op: Op) -> Lowered:
    assert isinstance(op.options, UnpackOptions)
    source = input_tensor(ctx, op, 0, "input")
    axis = _axis(op.options.axis, source)
    size = source.shape[axis]
    targets = _targets(ctx, op, source)
    require(
        op.options.count == len(targets) == size,
        f"it makes {op.options.count} parts of {size} in {len(targets)} outputs",
        _AGAIN,
    )
    for target in targets:
        _require_shape(target, (*source.shape[:axis], *source.shape[axis + 1 :]))
    return split(ctx.graph, source, targets, math.prod(source.shape[:axis]))


def _split(ctx: LowerContext, op: Op, source: Tensor, where: Tensor) -> Lowered:
    require(where.dtype is DType.INT32, f"its axis is {where.dtype.label}", _AGAIN)
    given = constant(where, "axis").reshape(-1)
    require(given.size == 1, f"it has {given.size} axes", _AGAIN)
    axis = _axis(int(given[0]), source)
    targets = _targets(ctx, op, source)
    for target in targets:
        own = target.shape[axis] if len(target.shape) == len(source.shape) else -1
        _require_shape(target, (*source.shape[:axis], own, *source.shape[axis + 1 :]))
    sizes = [target.shape[axis] for target in targets]
    fits = sum(sizes) == source.shape[axis] and (op.kind != "SPLIT" or len(set(sizes)) == 1)
    require(fits, f"its outputs take {sizes} of the {source.shape[axis]} along axis {axis}", _AGAIN)
    return split(ctx.graph, source, targets, math.prod(source.shape[:axis]))


def _targets(ctx: LowerContext, op: Op, source: Tensor) -> Sequence[Tensor]:
    targets = [ctx.graph.tensor(i) for i in op.outputs]
    for target in targets:
        require(
            target.dtype is source.dtype,
            f"output {target.name!r} is {target.dtype.label} and the input {source.dtype.label}",
            CONVERT_AGAIN,
        )
    return targets


def _axis(given: int, source: Tensor) -> int:
    rank = len(source.shape)
    axis = given + rank if given < 0 else given
    require(0 <= axis < rank, f"its axis {given} does not fit {rank} dimensions", _AGAIN)
    return axis


def _require_shape(target: Tensor, expected: tuple[int, ...]) -> None:
    require(
        target.shape == expected,
        f"output {target.name!r} is {list(target.shape)}, which is no part of its input",
        _AGAIN,
    )
