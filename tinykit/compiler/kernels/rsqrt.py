"""RSQRT: a table for int8."""

from __future__ import annotations

import math

from tinykit.compiler.kernels import fixed_point
from tinykit.compiler.kernels.base import LowerContext, Lowered, lowers, same_types
from tinykit.compiler.kernels.checks import (
    int8_quantization,
    require,
    scale_multiplier,
    symmetric_quantization,
    unary_operands,
)
from tinykit.compiler.kernels.elementwise import lower_elementwise
from tinykit.compiler.kernels.lut import clamp_int8, lower_table
from tinykit.compiler.kernels.quantize_math import multiply_by_quantized_multiplier, wrap32
from tinykit.compiler.kernels.unary_float import lower_float
from tinykit.graph.types import DType, Op

# Bits of the root's fraction between the two multiplications.
_FRACTION = 20
_AGAIN = "quantize the model again"


@lowers(
    "RSQRT",
    types=same_types(DType.INT8, DType.INT16, DType.FLOAT32),
    takes="any shape; int8 and int16 give their largest value for 0, and below, where TFLite-Micro stops",
    refuses={"integers' scales whose 1 / (sqrt(input's) * output's) is 2^30 or more, or below 2^-12": _AGAIN},
    float_exact=True,
)
def lower_rsqrt(ctx: LowerContext, op: Op) -> Lowered:
    """Integers as ``elementwise.cc`` of TFLite-Micro: a root in fixed point, then the scales."""
    source, target = unary_operands(ctx, op)
    if source.dtype is DType.FLOAT32:
        return lower_float("tk_rsqrt_f32", source, target)
    check = int8_quantization if source.dtype is DType.INT8 else symmetric_quantization
    q_in, q_out = check(source), check(target)
    real = 1.0 / (math.sqrt(float(q_in.scale)) * float(q_out.scale))
    multiplier, shift = scale_multiplier(real)
    shift -= _FRACTION
    # TFLite shifts 32 bits by this
    require(shift >= -31, f"its scales differ by a factor of {real:.3g}", _AGAIN)
    if source.dtype is DType.INT16:
        return lower_elementwise("tk_rsqrt_s16", source, target, multiplier=multiplier, shift=shift)

    def function(q: int) -> int:
        x = q - q_in.zero_point
        if x <= 0:
            return 127
        root, root_shift = fixed_point.inverse_sqrt(x)
        root = multiply_by_quantized_multiplier(1, root, root_shift + _FRACTION)
        return clamp_int8(wrap32(multiply_by_quantized_multiplier(root, multiplier, shift) + q_out.zero_point))

    return lower_table(source, target, function)
