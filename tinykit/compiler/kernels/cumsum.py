"""CUMSUM."""

from __future__ import annotations

import math

from tinykit.compiler.kernels.add_n import sum_multiplier
from tinykit.compiler.kernels.base import In, KernelCall, LowerContext, Lowered, Out, ParamValue, lowers
from tinykit.compiler.kernels.checks import (
    CONVERT_AGAIN,
    constant,
    int8_quantization,
    operands,
    require,
    require_shape,
)
from tinykit.graph.options import CumsumOptions
from tinykit.graph.types import DType, Op


@lowers(
    "CUMSUM",
    takes="any constant axis; exclusive; reverse",
    refuses={
        "an axis that is computed": "make it a constant of the model",
        "an int8 output scale below 2^-19 of the input's": "convert the model again",
    },
    float_exact=True,
)
def lower(ctx: LowerContext, op: Op) -> Lowered:
    """As ``reference/cumsum.h``, which begins an int8 sum at minus the zero point instead of 0."""
    assert isinstance(op.options, CumsumOptions)
    source, axes, target = operands(ctx, op, 2)
    require_shape(target, source.shape, "input")
    require(axes.dtype is DType.INT32 and axes.size == 1, "its axis is not one int32", CONVERT_AGAIN)
    given = int(constant(axes, "axis").reshape(-1)[0])
    rank = len(source.shape)
    axis = given + rank if given < 0 else given
    require(0 <= axis < rank, f"its axis {given} does not fit {rank} dimensions", CONVERT_AGAIN)
    params: dict[str, ParamValue] = {
        "outer": math.prod(source.shape[:axis]),
        "depth": source.shape[axis],
        "inner": math.prod(source.shape[axis + 1 :]),
        "exclusive": int(op.options.exclusive),
        "reverse": int(op.options.reverse),
    }
    kernel = "tk_cumsum_f32"
    if source.dtype is DType.INT8:
        kernel = "tk_cumsum_s8"
        q_in, q_out = int8_quantization(source), int8_quantization(target)
        multiplier, shift = sum_multiplier(q_in, q_out)
        params |= {"zero_in": q_in.zero_point, "zero": q_out.zero_point, "multiplier": multiplier, "shift": shift}
    in_place = ((source.id, target.id),)
    return Lowered((KernelCall(kernel, params, (In(source.id), Out(target.id)), in_place=in_place),))
