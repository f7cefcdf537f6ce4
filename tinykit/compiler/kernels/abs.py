"""ABS: a table for int8."""

from __future__ import annotations

from tinykit.compiler.kernels.base import LowerContext, Lowered, lowers, same_types
from tinykit.compiler.kernels.checks import (
    int8_quantization,
    scale_multiplier,
    symmetric_quantization,
    unary_operands,
)
from tinykit.compiler.kernels.elementwise import lower_elementwise
from tinykit.compiler.kernels.lut import clamp_int8, lower_table, rescaler
from tinykit.compiler.kernels.unary_float import lower_float
from tinykit.graph.types import DType, Op, Tensor


@lowers(
    "ABS",
    types=same_types(DType.INT8, DType.INT16, DType.FLOAT32),
    takes="any shape; int8 and int16 are rescaled; int16 without a scale, where -32768 stays",
    refuses={"scales that differ by a factor of 2^30 or more": "quantize the model again"},
    float_exact=True,
)
def lower_abs(ctx: LowerContext, op: Op) -> Lowered:
    """Integers as ``elementwise.cc`` of TFLite-Micro: one multiplier, from the quotient of the scales."""
    source, target = unary_operands(ctx, op)
    if source.dtype is DType.FLOAT32:
        return lower_float("tk_abs_f32", source, target)
    if source.dtype is DType.INT16:
        return _lower_int16(source, target)
    q_in, q_out = int8_quantization(source), int8_quantization(target)
    rescale = rescaler(float(q_in.scale) / float(q_out.scale))

    def function(q: int) -> int:
        return clamp_int8(q_out.zero_point + rescale(abs(q - q_in.zero_point)))

    return lower_table(source, target, function)


def _lower_int16(source: Tensor, target: Tensor) -> Lowered:
    """Without a scale the absolute value of -32768 does not saturate; the kernel then has a bound that it passes."""
    real, high = 1.0, 32768
    if source.quant is not None:
        q_in, q_out = symmetric_quantization(source), symmetric_quantization(target)
        real, high = float(q_in.scale) / float(q_out.scale), 32767
    multiplier, shift = scale_multiplier(real)
    return lower_elementwise("tk_abs_s16", source, target, multiplier=multiplier, shift=shift, high=high)
