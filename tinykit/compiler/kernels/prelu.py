"""PRELU: x, or alpha * x where x is negative; alpha may be an array."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tinykit.compiler.kernels.base import In, KernelCall, LowerContext, Lowered, Out, ParamValue, lowers, same_types
from tinykit.compiler.kernels.broadcast import Broadcast, plan_broadcast
from tinykit.compiler.kernels.checks import integer_quantization, operands, require, scale_multiplier
from tinykit.compiler.kernels.elementwise import SUFFIX
from tinykit.compiler.kernels.lut import clamp_int8, lower_table
from tinykit.compiler.kernels.overlap import elementwise_overlap
from tinykit.compiler.kernels.quantize_math import multiply_by_quantized_multiplier, wrap32
from tinykit.graph.types import DType, Op, Tensor


@lowers(
    "PRELU",
    types=same_types(DType.INT8, DType.INT16, DType.FLOAT32),
    takes="up to 4 dimensions; constant or computed alpha, broadcasting; integers are rescaled, alpha of int16 is int8",
    refuses={
        "scales that differ by a factor of 2^30 or more": "quantize the model again",
        "alpha of another type": "convert the model again",
        "more than 4 dimensions": "reshape its input",
    },
    float_exact=True,
)
def lower_prelu(ctx: LowerContext, op: Op) -> Lowered:
    """``prelu.cc``, ``prelu_common.cc`` and ``reference/prelu.h`` of TFLite-Micro."""
    source, alpha, target = operands(ctx, op, 2)
    wanted = DType.FLOAT32 if source.dtype is DType.FLOAT32 else DType.INT8
    require(alpha.dtype is wanted, f"its alpha is of the type {alpha.dtype.label}", "convert the model again")
    rank = max(len(source.shape), len(alpha.shape))
    require(rank <= 4, f"it has {rank} dimensions, more than 4", "reshape its input")
    params: dict[str, ParamValue] = {}
    if wanted is DType.INT8:
        params, function = _integers(source, alpha, target)
        if source.dtype is DType.INT8 and alpha.data is not None and alpha.size == 1 and source.shape == target.shape:
            a = int(alpha.data.reshape(-1)[0])
            return lower_table(source, target, lambda q: function(q, a))
    call = KernelCall(
        f"tk_prelu_{SUFFIX[source.dtype]}",
        {**_in_order(plan_broadcast(source, alpha, target)).params(), **params},
        (In(source.id), In(alpha.id), Out(target.id)),
        overlaps=(elementwise_overlap(source, target),) if source.size == target.size else (),
    )
    return Lowered((call,))


def _in_order(plan: Broadcast) -> Broadcast:
    """The kernel cannot repeat its first input along a row: one that is becomes rows of one element."""
    if not plan.swapped:
        return plan
    return replace(
        plan,
        row=1,
        count=(plan.row, *plan.count[:-1]),
        stride_a=(plan.step_b, *plan.stride_b[:-1]),
        stride_b=(1, *plan.stride_a[:-1]),
        swapped=False,
    )


def _integers(source: Tensor, alpha: Tensor, target: Tensor) -> tuple[dict[str, ParamValue], Callable[[int, int], int]]:
    """The kernel's parameters, and what it does to an int8 value and an alpha."""
    q_in, q_alpha, q_out = (integer_quantization(t) for t in (source, alpha, target))
    multiplier, shift = scale_multiplier(float(q_in.scale) / float(q_out.scale))
    alpha_multiplier, alpha_shift = scale_multiplier(float(q_in.scale) * float(q_alpha.scale) / float(q_out.scale))
    params: dict[str, ParamValue] = {
        "zero_in": q_in.zero_point,
        "zero_alpha": q_alpha.zero_point,
        "zero_out": q_out.zero_point,
        "multiplier": multiplier,
        "shift": shift,
        "alpha_multiplier": alpha_multiplier,
        "alpha_shift": alpha_shift,
    }

    def function(q: int, a: int) -> int:
        x = q - q_in.zero_point
        if x >= 0:
            y = multiply_by_quantized_multiplier(x, multiplier, shift)
        else:
            y = multiply_by_quantized_multiplier(x * (a - q_alpha.zero_point), alpha_multiplier, alpha_shift)
        return clamp_int8(wrap32(y + q_out.zero_point))

    return params, function
