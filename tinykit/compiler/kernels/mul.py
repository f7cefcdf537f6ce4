"""MUL."""

from __future__ import annotations

import numpy as np

from tinykit.compiler.kernels.arithmetic import (
    BINARY_REFUSES,
    binary_op,
    high_mul,
    integer_clamp,
    requantized,
    require_symmetric,
    rounding_shift,
)
from tinykit.compiler.kernels.base import LowerContext, Lowered, ParamValue, lowers, same_types
from tinykit.compiler.kernels.checks import CONVERT_AGAIN, float_clamp, require, scale_multiplier
from tinykit.graph.types import DType, Op

# A product of two int8 values less their zero points has 17 bits with sign: this shift keeps it in int32.
_MAX_LEFT_SHIFT = 14


@lowers(
    "MUL",
    types=same_types(DType.INT8, DType.FLOAT32, DType.INT16, DType.INT32),
    takes="broadcasting; constants; int16 of zero points 0",
    refuses={
        **BINARY_REFUSES,
        "an int8 output scale below 2^-14 of the product of the inputs'": "convert the model again",
    },
    float_exact=True,
)
def lower_mul(ctx: LowerContext, op: Op) -> Lowered:
    """As ``mul_common.cc`` and ``reference/integer_ops/mul.h`` of TFLite-Micro.

    Raises:
        Refusal: also when the output's scale is so small that every product but 0 is far outside of int8.
    """
    pair = binary_op(ctx, op)
    if pair.dtype is DType.FLOAT32:
        low, high = float_clamp(pair.activation)
        return pair.call("tk_mul_f32", {"low": low, "high": high})
    if pair.dtype is DType.INT32:
        least, most = integer_clamp(pair.activation)
        return pair.call("tk_mul_s32", {"low": least, "high": most})
    first, second, output = pair.quantizations()
    clamp_min, clamp_max = pair.clamp()
    real = float(first.scale) * float(second.scale) / float(output.scale)
    multiplier, shift = scale_multiplier(real)
    if pair.dtype is DType.INT16:
        require_symmetric(first, second, output)
        params: dict[str, ParamValue] = {"multiplier": multiplier, "shift": shift, "low": clamp_min, "high": clamp_max}
        return pair.call("tk_mul_s16", params)
    left, right = max(shift, 0), max(-shift, 0)
    require(
        left <= _MAX_LEFT_SHIFT,
        f"its output's scale {output.scale} is too small for inputs of the scales {first.scale} and {second.scale}",
        CONVERT_AGAIN,
    )

    def exact(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        product = ((x - first.zero_point) * (y - second.zero_point)) << left
        scaled = rounding_shift(high_mul(product, multiplier), right)
        return requantized(scaled, output.zero_point, clamp_min, clamp_max)

    table = pair.as_table(exact)
    if table is not None:
        return table
    zero_a, zero_b = pair.in_order(first.zero_point, second.zero_point)
    return pair.call(
        "tk_mul_s8",
        {
            "zero_a": zero_a,
            "zero_b": zero_b,
            "zero": output.zero_point,
            "multiplier": multiplier,
            "left_shift": left,
            "right_shift": right,
            "low": clamp_min,
            "high": clamp_max,
        },
    )
