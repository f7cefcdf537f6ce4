"""BROADCAST_TO: copies with source steps of 0."""

from __future__ import annotations

from tinykit.compiler.kernels.base import LowerContext, Lowered, lowers, same_types
from tinykit.compiler.kernels.broadcast import merge_dimensions, merged_shape, strides
from tinykit.compiler.kernels.checks import CONVERT_AGAIN, constant, operands, require, require_shape
from tinykit.compiler.kernels.nd import Loop, copy_or_alias
from tinykit.graph.types import DType, Op

# TFLite-Micro refuses more.
_MOST_DIMENSIONS = 5


@lowers(
    "BROADCAST_TO",
    types=same_types(DType.INT8, DType.FLOAT32, DType.UINT8, DType.INT16, DType.INT32, DType.INT64, DType.BOOL),
    takes="1 to 5 dimensions",
    refuses={"a shape that is computed": "make it a constant of the model"},
    float_exact=True,
)
def lower(ctx: LowerContext, op: Op) -> Lowered:
    source, shape, target = operands(ctx, op, 2)
    require(
        shape.dtype in (DType.INT32, DType.INT64) and len(shape.shape) == 1,
        f"its shape is a tensor of {len(shape.shape)} dimensions and type {shape.dtype.label}",
        CONVERT_AGAIN,
    )
    wanted = tuple(int(d) for d in constant(shape, "shape"))
    require_shape(target, wanted, "shape")
    require(1 <= len(wanted) <= _MOST_DIMENSIONS, f"its output has {len(wanted)} dimensions", "use 1 to 5")
    require(
        len(source.shape) <= len(wanted) and merged_shape(source.shape, wanted) == wanted,
        f"its input {list(source.shape)} does not broadcast to {list(wanted)}",
        CONVERT_AGAIN,
    )
    loops = [(size, advances[0]) for size, advances in merge_dimensions(source.shape, wanted)]
    steps = zip(loops, strides(loops), strides([(size, True) for size, _ in loops]), strict=True)
    nested = [Loop(size, from_step, to_step) for (size, _), from_step, to_step in steps]
    return copy_or_alias(source, target, nested[::-1])
