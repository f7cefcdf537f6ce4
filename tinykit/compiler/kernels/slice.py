"""SLICE of any type with a memory layout: a copy, or a kernel where begin or size are computed."""

from __future__ import annotations

from tinykit.compiler.kernels.base import In, KernelCall, LowerContext, Lowered, Out, ParamValue, lowers
from tinykit.compiler.kernels.checks import operands, require, require_shape
from tinykit.compiler.kernels.nd import MOVABLE, Loop, copy_or_alias, row_major_strides
from tinykit.graph.types import DType, Op

_DIMS = 5
"""TK_SLICE_DIMS"""
_AGAIN = "convert the model again"


@lowers(
    "SLICE",
    types=MOVABLE,
    takes="up to 5 dimensions; begin and size as constants or computed: where that is no part of the input, or not as "
    "large as the output, which TFLite-Micro does not notice, the output is zero",
    refuses={"constant begin and size that are no part of the input": _AGAIN},
    float_exact=True,
)
def lower_slice(ctx: LowerContext, op: Op) -> Lowered:
    source, begin, size, target = operands(ctx, op, 3)
    rank = len(source.shape)
    require(
        begin.shape == size.shape == (rank,)
        and begin.dtype is size.dtype
        and begin.dtype in (DType.INT32, DType.INT64)
        and 0 < rank <= _DIMS,
        f"begin is {begin.dtype.label} {list(begin.shape)}, size {size.dtype.label} {list(size.shape)}, the input has "
        f"{rank} dimensions",
        _AGAIN,
    )
    if begin.data is None or size.data is None:
        params: dict[str, ParamValue] = {
            "element": source.nbytes // source.size,
            "dims": rank,
            "wide": int(begin.dtype is DType.INT64),
            "count": target.size,
            "shape": (*source.shape, *[1] * (_DIMS - rank)),
        }
        return Lowered((KernelCall("tk_slice", params, tuple([*(In(i) for i in op.inputs), Out(target.id)])),))
    first = [int(v) for v in begin.data]
    sizes = [whole - at if n == -1 else int(n) for whole, at, n in zip(source.shape, first, size.data, strict=True)]
    fits = all(at >= 0 and 0 <= n <= whole - at for whole, at, n in zip(source.shape, first, sizes, strict=True))
    require(fits, f"it takes {sizes} from {first} on of {list(source.shape)}", _AGAIN)
    require_shape(target, tuple(sizes), "begin and size")
    strides = row_major_strides(source.shape)
    loops = [Loop(*values) for values in zip(sizes, strides, row_major_strides(sizes), strict=True)]
    return copy_or_alias(source, target, loops, sum(a * b for a, b in zip(first, strides, strict=True)))
