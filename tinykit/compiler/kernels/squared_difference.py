"""SQUARED_DIFFERENCE."""

from __future__ import annotations

from tinykit.compiler.kernels.arithmetic import BROADCAST_REFUSES, BinaryOp, require_symmetric, two_operands
from tinykit.compiler.kernels.base import LowerContext, Lowered, ParamValue, lowers, same_types
from tinykit.compiler.kernels.checks import scale_multiplier
from tinykit.graph.types import DType, Op

# Bits by which TFLite shifts inputs up before it rescales them.
_LEFT_SHIFT = {DType.INT8: 7, DType.INT16: 0}


@lowers(
    "SQUARED_DIFFERENCE",
    types=same_types(DType.INT8, DType.FLOAT32, DType.INT16, DType.INT32),
    takes="broadcasting; constants; int16 of zero points 0",
    refuses={**BROADCAST_REFUSES, "scales that differ by a factor of 2^30 or more": "quantize the model again"},
    float_exact=True,
)
def lower(ctx: LowerContext, op: Op) -> Lowered:
    pair = two_operands(ctx, op)
    if pair.dtype is DType.FLOAT32:
        return pair.call("tk_squared_difference_f32", {})
    if pair.dtype is DType.INT32:
        return pair.call("tk_squared_difference_s32", {})
    kernel = "tk_squared_difference_s8" if pair.dtype is DType.INT8 else "tk_squared_difference_s16"
    return pair.call(kernel, _rescaled(pair))


def _rescaled(pair: BinaryOp) -> dict[str, ParamValue]:
    """As ``squared_difference.cc`` of TFLite-Micro: both operands in steps of twice the larger scale."""
    quants = pair.quantizations()
    if pair.dtype is DType.INT16:
        require_symmetric(*quants)
    first, second, output = (float(q.scale) for q in quants)
    twice = 2 * max(first, second)
    params: dict[str, ParamValue] = {"zero": quants[2].zero_point}
    for i, name in enumerate(pair.in_order("a", "b")):
        multiplier, shift = scale_multiplier((first, second)[i] / twice)
        params |= {f"zero_{name}": quants[i].zero_point, f"multiplier_{name}": multiplier, f"shift_{name}": -shift}
    multiplier, shift = scale_multiplier(twice * twice / (4.0 ** _LEFT_SHIFT[pair.dtype] * output))
    return params | {"multiplier": multiplier, "shift": shift}
