"""QUANTIZE (float32 to int8, int8 to int8) and DEQUANTIZE (int8 to float32)."""

from __future__ import annotations

from tinykit.compiler.kernels.base import In, KernelCall, LowerContext, Lowered, Out, lowers
from tinykit.compiler.kernels.checks import int8_quantization, unary_operands
from tinykit.compiler.kernels.lut import clamp_int8, lower_table, rescaler
from tinykit.compiler.kernels.overlap import elementwise_overlap
from tinykit.graph.types import DType, Op


@lowers(
    "QUANTIZE",
    types=((DType.INT8, DType.INT8), (DType.FLOAT32, DType.INT8)),
    takes="any shape, one scale per tensor; floats out of range saturate",
    refuses={"int8 scales that differ by a factor of 2^30 or more": "quantize the model again"},
    float_exact=True,
)
def lower_quantize(ctx: LowerContext, op: Op) -> Lowered:
    """round(x / scale) + zero_point, ties away from zero, as ``reference/quantize.h`` and ``reference/requantize.h``
    of TFLite."""
    source, target = unary_operands(ctx, op)
    if source.dtype is DType.INT8:
        q_in, q_out = int8_quantization(source), int8_quantization(target)
        rescale = rescaler(float(q_in.scale) / float(q_out.scale))
        return lower_table(source, target, lambda q: clamp_int8(q_out.zero_point + rescale(q - q_in.zero_point)))
    quant = int8_quantization(target)
    call = KernelCall(
        "tk_quantize_f32_s8",
        {"count": source.size, "scale": float(quant.scale), "zero_point": quant.zero_point},
        (In(source.id), Out(target.id)),
        overlaps=(elementwise_overlap(source, target),),
    )
    return Lowered(calls=(call,))


@lowers(
    "DEQUANTIZE",
    types=((DType.INT8, DType.FLOAT32),),
    takes="any shape, one scale per tensor",
    refuses={},
    float_exact=True,
)
def lower_dequantize(ctx: LowerContext, op: Op) -> Lowered:
    """scale * (x - zero_point), as ``reference/dequantize.h`` of TFLite."""
    source, target = unary_operands(ctx, op)
    quant = int8_quantization(source)
    call = KernelCall(
        "tk_dequantize_s8_f32",
        {"count": source.size, "scale": float(quant.scale), "zero_point": quant.zero_point},
        (In(source.id), Out(target.id)),
        overlaps=(elementwise_overlap(source, target),),
    )
    return Lowered(calls=(call,))
