"""ARG_MAX and ARG_MIN, as ``arg_min_max.cc`` of TFLite-Micro: the first of equal elements."""

from __future__ import annotations

import math

from tinykit.compiler.kernels.base import In, KernelCall, LowerContext, Lowered, Out, ParamValue, lowers
from tinykit.compiler.kernels.checks import constant, operands, require, require_shape
from tinykit.graph.types import DType, Op


@lowers(
    "ARG_MAX",
    "ARG_MIN",
    types=((DType.INT8, DType.INT32), (DType.FLOAT32, DType.INT32)),
    takes="any constant axis; the first of equal elements; NaN is neither greater nor less",
    refuses={"an axis that is computed at run time": "make it a constant of the model"},
    float_exact=True,
)
def lower_arg(ctx: LowerContext, op: Op) -> Lowered:
    source, axis_tensor, target = operands(ctx, op, 2)
    values = constant(axis_tensor, "axis").reshape(-1)
    rank = len(source.shape)
    axis = int(values[0]) if values.size else 0
    require(
        axis_tensor.dtype is DType.INT32 and values.size == 1 and -rank <= axis < rank,
        f"its axis is {axis_tensor.dtype.label} {values.tolist()} for {rank} dimensions",
        "convert the model again",
    )
    axis %= rank
    require_shape(target, source.shape[:axis] + source.shape[axis + 1 :], "input and axis")
    params: dict[str, ParamValue] = {
        "outer": math.prod(source.shape[:axis]),
        "size": source.shape[axis],
        "inner": math.prod(source.shape[axis + 1 :]),
    }
    kernel = f"tk_{op.kind.lower()}_{'s8' if source.dtype is DType.INT8 else 'f32'}"
    return Lowered((KernelCall(kernel, params, (In(source.id), Out(target.id))),))
