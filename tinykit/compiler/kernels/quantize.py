"""QUANTIZE (float32 to int8 or int16, and between integers) and DEQUANTIZE (integers to float32)."""

from __future__ import annotations

import numpy as np

from tinykit.compiler.kernels.base import ConstArray, LowerContext, Lowered, lowers
from tinykit.compiler.kernels.checks import integer_quantization, scale_multiplier, unary_operands
from tinykit.compiler.kernels.elementwise import SUFFIX, lower_elementwise
from tinykit.compiler.kernels.lut import lower_table
from tinykit.compiler.kernels.quantize_math import multiply_by_quantized_multiplier, wrap32
from tinykit.graph.types import DType, Op

_BYTES = (DType.INT8, DType.UINT8)


@lowers(
    "QUANTIZE",
    types=(
        (DType.INT8, DType.INT8),
        (DType.FLOAT32, DType.INT8),
        (DType.FLOAT32, DType.INT16),
        (DType.INT16, DType.INT16),
        (DType.INT8, DType.UINT8),
        (DType.INT8, DType.INT16),
        (DType.INT8, DType.INT32),
        (DType.INT16, DType.INT8),
        (DType.INT16, DType.INT32),
        (DType.INT32, DType.INT8),
        (DType.INT32, DType.INT16),
        (DType.UINT8, DType.INT8),
    ),
    takes="any shape, one scale per tensor; floats out of range saturate",
    refuses={"integers' scales that differ by a factor of 2^30 or more": "quantize the model again"},
    float_exact=True,
)
def lower_quantize(ctx: LowerContext, op: Op) -> Lowered:
    """round(x / scale) + zero_point, ties away from zero, as ``reference/quantize.h`` and ``reference/requantize.h``
    of TFLite."""
    source, target = unary_operands(ctx, op)
    q_out = integer_quantization(target)
    if source.dtype is DType.FLOAT32:
        kernel = f"tk_quantize_f32_{SUFFIX[target.dtype]}"
        return lower_elementwise(kernel, source, target, scale=float(q_out.scale), zero_point=q_out.zero_point)
    q_in = integer_quantization(source)
    multiplier, shift = scale_multiplier(float(q_in.scale) / float(q_out.scale))
    limits = np.iinfo(target.dtype.label)

    def function(q: int) -> int:
        x = multiply_by_quantized_multiplier(q - q_in.zero_point, multiplier, shift)
        return max(int(limits.min), min(int(limits.max), wrap32(x + q_out.zero_point)))

    if source.dtype is target.dtype is DType.INT8:
        return lower_table(source, target, function)
    if source.dtype in _BYTES and target.dtype in _BYTES:
        values = np.arange(256, dtype=np.uint8).view(source.dtype.label)
        table = np.array([function(int(q)) & 0xFF for q in values], np.uint8)
        return lower_elementwise("tk_lut_8", source, target, table=ConstArray("uint8_t", table))
    return lower_elementwise(
        f"tk_requantize_{SUFFIX[source.dtype]}_{SUFFIX[target.dtype]}",
        source,
        target,
        zero_in=q_in.zero_point,
        zero_out=q_out.zero_point,
        multiplier=multiplier,
        shift=shift,
        low=int(limits.min),
        high=int(limits.max),
    )


@lowers(
    "DEQUANTIZE",
    types=tuple((source, DType.FLOAT32) for source in (DType.INT8, DType.INT16, DType.UINT8)),
    takes="any shape, one scale per tensor",
    refuses={},
    float_exact=True,
)
def lower_dequantize(ctx: LowerContext, op: Op) -> Lowered:
    """scale * (x - zero_point), as ``reference/dequantize.h`` of TFLite."""
    source, target = unary_operands(ctx, op)
    quant = integer_quantization(source)
    kernel = f"tk_dequantize_{SUFFIX[source.dtype]}_f32"
    return lower_elementwise(kernel, source, target, scale=float(quant.scale), zero_point=quant.zero_point)
