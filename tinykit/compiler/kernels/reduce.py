"""REDUCE_MAX, REDUCE_MIN (int8, float32) and REDUCE_ALL (bool), as ``reduce_common.cc`` of TFLite-Micro."""

from __future__ import annotations

from tinykit.compiler.kernels.base import LowerContext, Lowered, lowers, same_types
from tinykit.compiler.kernels.checks import CONVERT_AGAIN, require_same_quantization
from tinykit.compiler.kernels.reduction import REDUCTION_REFUSES, reduction
from tinykit.graph.types import DType, Op


@lowers(
    "REDUCE_MAX",
    "REDUCE_MIN",
    takes="any constant axes, kept or not; NaN counts as nothing",
    refuses={**REDUCTION_REFUSES, "an int8 output of another quantization than the input's": CONVERT_AGAIN},
    float_exact=True,
)
def lower_extreme(ctx: LowerContext, op: Op) -> Lowered:
    task = reduction(ctx, op)
    name = "max" if op.kind == "REDUCE_MAX" else "min"
    if task.source.dtype is DType.FLOAT32:
        return task.call(f"tk_reduce_{name}_f32")
    require_same_quantization(task.source, task.target)
    return task.call(f"tk_reduce_{name}_s8")


@lowers(
    "REDUCE_ALL",
    types=same_types(DType.BOOL),
    takes="any constant axes, kept or not",
    refuses=REDUCTION_REFUSES,
)
def lower_all(ctx: LowerContext, op: Op) -> Lowered:
    return reduction(ctx, op).call("tk_reduce_all")
