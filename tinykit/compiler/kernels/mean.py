"""MEAN and SUM over any axes, int8, int16 and float32.

Source: TensorFlow Lite ``reference/reduce.h``, ``QuantizedMeanOrSum``: the sum of the elements less their zero point is
requantized once, for MEAN with the division by their number folded into the multiplier.
"""

from __future__ import annotations

from tinykit.compiler.kernels.base import LowerContext, Lowered, lowers, same_types
from tinykit.compiler.kernels.checks import int8_quantization, int16_quantization, require, scale_multiplier
from tinykit.compiler.kernels.quantize_math import wrap32
from tinykit.compiler.kernels.reduction import REDUCTION_REFUSES, reduction
from tinykit.graph.options import ReducerOptions
from tinykit.graph.types import DType, Op


@lowers(
    "MEAN",
    "SUM",
    types=same_types(DType.INT8, DType.INT16, DType.FLOAT32),
    takes="any constant axes, kept or not; int8 and int16 are rescaled",
    refuses={**REDUCTION_REFUSES, "2^23 int8 elements or more for one result": "reduce in two steps"},
)
def lower(ctx: LowerContext, op: Op) -> Lowered:
    """int16 sums wrap around in 32 bits as TFLite-Micro's do."""
    assert isinstance(op.options, ReducerOptions)
    task = reduction(ctx, op)
    count = task.count
    if task.source.dtype is DType.FLOAT32:
        return task.call("tk_mean_f32", {"elements": float(count) if op.kind == "MEAN" else 1.0})
    int8 = task.source.dtype is DType.INT8
    require(
        not int8 or count * 256 < 2**31, f"it adds {count} elements, which may not fit 32 bits", "reduce in two steps"
    )
    quantization = int8_quantization if int8 else int16_quantization
    source, target = quantization(task.source), quantization(task.target)
    ratio = float(source.scale) / float(target.scale)
    multiplier, shift = mean_multiplier(ratio, count) if op.kind == "MEAN" else scale_multiplier(ratio)
    return task.call(
        "tk_mean_s8" if int8 else "tk_mean_s16",
        {
            "multiplier": multiplier,
            "shift": shift,
            "zero_point_sum": wrap32(source.zero_point * count),
            "output_zero_point": target.zero_point,
        },
    )


def mean_multiplier(ratio: float, count: int) -> tuple[int, int]:
    """Multiplier and shift for sums of ``count`` elements, as QuantizedMeanOrSum derives them."""
    multiplier, shift = scale_multiplier(ratio)
    folded = min(count.bit_length() - 1, 32, 31 + shift)
    return (multiplier << folded) // count, shift - folded
