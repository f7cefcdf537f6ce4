"""FILL: every element of the output is one value."""

from __future__ import annotations

from tinykit.compiler.kernels.base import In, KernelCall, LowerContext, Lowered, Out, lowers, same_types
from tinykit.compiler.kernels.checks import constant, operands, require
from tinykit.compiler.kernels.nd import fill_call
from tinykit.graph.types import DType, Op

_DIMENSIONS = (DType.INT8, DType.INT16, DType.INT32, DType.INT64)


@lowers(
    "FILL",
    types=same_types(DType.INT8, DType.INT32, DType.FLOAT32),
    takes="constant dimensions, also none for a scalar; a constant or computed value",
    refuses={"dimensions that are computed at run time": "make it a constant of the model"},
    float_exact=True,
    works_on=1,
)
def lower_fill(ctx: LowerContext, op: Op) -> Lowered:
    """``fill.cc`` of TFLite-Micro: the output's shape is that in the file."""
    dimensions, value, target = operands(ctx, op, 2)
    again = "convert the model again"
    require(value.shape == (), f"its value has the shape {list(value.shape)} and is not a scalar", again)
    require(dimensions.dtype in _DIMENSIONS, f"its dimensions are {dimensions.dtype.label}", again)
    sizes = constant(dimensions, "dimensions tensor")
    require(
        sizes.shape == (len(target.shape),) and tuple(sizes) == target.shape,
        f"its output is {list(target.shape)} instead of {sizes.tolist()}, which follows from its dimensions",
        again,
    )
    if value.data is not None:
        return Lowered((fill_call(target, value.data.tobytes()),))
    params = {"size": target.nbytes // target.size, "count": target.size}
    return Lowered((KernelCall("tk_fill_from", params, (In(value.id), Out(target.id))),))
