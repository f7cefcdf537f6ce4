"""DYNAMIC_UPDATE_SLICE."""

from __future__ import annotations

import math

from tinykit.compiler.kernels.base import In, KernelCall, LowerContext, Lowered, Out, ParamValue, lowers, same_types
from tinykit.compiler.kernels.checks import CONVERT_AGAIN, operands, require, require_shape
from tinykit.compiler.kernels.nd import Loop, copy_or_alias, row_major_strides
from tinykit.graph.types import DType, Op

# TK_UPDATE_LOOPS, which is also what TFLite-Micro has
_MOST_DIMENSIONS = 6


@lowers(
    "DYNAMIC_UPDATE_SLICE",
    types=same_types(DType.INT8, DType.FLOAT32, DType.INT16, DType.INT32),
    takes="up to 6 dimensions; a computed or constant start; in place where the operand is not needed any more",
    refuses={},
    float_exact=True,
)
def lower(ctx: LowerContext, op: Op) -> Lowered:
    """As ``dynamic_update_slice.cc`` of TFLite-Micro, which moves a start at which the update would not fit."""
    operand, update, start, target = operands(ctx, op, 3)
    require_shape(target, operand.shape, "operand")
    rank = len(operand.shape)
    require(
        update.dtype is operand.dtype
        and start.dtype in (DType.INT32, DType.INT64)
        and start.shape == (rank,)
        and len(update.shape) == rank
        and all(u <= o for u, o in zip(update.shape, operand.shape, strict=True)),
        f"its update {list(update.shape)} and start {list(start.shape)} do not fit the operand {list(operand.shape)}",
        CONVERT_AGAIN,
    )
    if update.shape == operand.shape:
        return copy_or_alias(update, target, [Loop(target.size, 1, 1)])
    require(rank <= _MOST_DIMENSIONS, f"its operand has {rank} dimensions", f"use {_MOST_DIMENSIONS} or fewer")
    numpy = operand.dtype.numpy
    assert numpy is not None
    last = max(d for d in range(rank) if update.shape[d] != operand.shape[d])
    pad = (0,) * (_MOST_DIMENSIONS - last - 1)
    steps = row_major_strides(operand.shape)
    pairs = zip(operand.shape[: last + 1], update.shape, strict=False)
    params: dict[str, ParamValue] = {
        "size": operand.nbytes,
        "run": math.prod(update.shape[last:]) * numpy.itemsize,
        "dimensions": last + 1,
        "count": (*update.shape[:last], 1, *pad),
        "room": (*(o - u for o, u in pairs), *pad),
        "stride": (*(s * numpy.itemsize for s in steps[: last + 1]), *pad),
    }
    kernel = "tk_dynamic_update_slice_s32" if start.dtype is DType.INT32 else "tk_dynamic_update_slice_s64"
    args = (In(operand.id), In(update.id), In(start.id), Out(target.id))
    return Lowered((KernelCall(kernel, params, args, in_place=((operand.id, target.id),)),))
