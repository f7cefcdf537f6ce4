"""MAXIMUM and MINIMUM."""

from __future__ import annotations

from tinykit.compiler.kernels.arithmetic import BROADCAST_REFUSES, two_operands
from tinykit.compiler.kernels.base import LowerContext, Lowered, lowers, same_types
from tinykit.graph.types import DType, Op

_KERNELS = {
    DType.INT8: "tk_maximum_s8",
    DType.INT16: "tk_maximum_s16",
    DType.INT32: "tk_maximum_s32",
    DType.INT64: "tk_maximum_s64",
}


@lowers(
    "MAXIMUM",
    "MINIMUM",
    types=same_types(DType.FLOAT32, *_KERNELS),
    takes="broadcasting; constants; quantized numbers are not rescaled",
    refuses=BROADCAST_REFUSES,
    float_exact=True,
)
def lower(ctx: LowerContext, op: Op) -> Lowered:
    """As ``maximum_minimum.cc`` of TFLite-Micro, which compares quantized numbers whatever their scales are."""
    pair = two_operands(ctx, op)
    greater = op.kind == "MAXIMUM"
    if pair.dtype is DType.FLOAT32:
        return pair.call("tk_maximum_f32", {"sign": 1.0 if greater else -1.0, "swapped": int(pair.broadcast.swapped)})
    return pair.call(_KERNELS[pair.dtype], {"greater": int(greater)})
