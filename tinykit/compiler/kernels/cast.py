"""CAST."""

from __future__ import annotations

from tinykit.compiler.kernels.base import Alias, LowerContext, Lowered, lowers
from tinykit.compiler.kernels.checks import unary_operands
from tinykit.compiler.kernels.elementwise import SUFFIX, lower_elementwise
from tinykit.compiler.kernels.nd import Loop, copy_call
from tinykit.graph.types import DType, Op

_TYPES = (DType.INT8, DType.INT16, DType.INT32, DType.UINT32, DType.BOOL, DType.FLOAT32)
_SAME_BYTES = {(DType.INT32, DType.UINT32), (DType.UINT32, DType.INT32), (DType.BOOL, DType.INT8)}


@lowers(
    "CAST",
    types=tuple((source, target) for source in _TYPES for target in _TYPES),
    takes="any shape; floats go towards zero and saturate, NaN becomes 0; integers lose their upper bits",
    refuses={},
    float_exact=True,
)
def lower_cast(ctx: LowerContext, op: Op) -> Lowered:
    """``cast.cc`` of TFLite-Micro. Scales are not looked at."""
    source, target = unary_operands(ctx, op)
    types = (source.dtype, target.dtype)
    if source.dtype is not target.dtype and types not in _SAME_BYTES:
        return lower_elementwise(f"tk_cast_{SUFFIX[source.dtype]}_{SUFFIX[target.dtype]}", source, target)
    if source.is_constant:
        return Lowered((copy_call(source, target, [Loop(source.size, 1, 1)]),))
    return Lowered(alias=Alias(source.id, target.id))
