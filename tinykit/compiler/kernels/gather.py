"""GATHER, GATHER_ND and EMBEDDING_LOOKUP: what an array of positions names, of any type with a memory layout."""

from __future__ import annotations

import math

import numpy as np

from tinykit.compiler.kernels.base import Arg, In, KernelCall, LowerContext, Lowered, Out, ParamValue, Refusal, lowers
from tinykit.compiler.kernels.checks import CONVERT_AGAIN, operands, quantization, require, require_shape
from tinykit.compiler.kernels.nd import MOVABLE, row_major_strides
from tinykit.graph.options import GatherOptions
from tinykit.graph.types import DType, Op, Tensor

_DIMS = 5
"""TK_GATHER_ND_DIMS, and what TFLite-Micro has."""
_AGAIN = "convert the model again"
_OUTSIDE = "where one names nothing, which TFLite-Micro stops at, the output is zero"
_REFUSES = {"positions of another type than int32": "cast them to int32", "constant positions outside": _AGAIN}


@lowers(
    "GATHER",
    types=MOVABLE,
    takes=f"any axis and number of batch dimensions; constant or computed positions; {_OUTSIDE}",
    refuses=_REFUSES,
    float_exact=True,
)
def lower_gather(ctx: LowerContext, op: Op) -> Lowered:
    assert isinstance(op.options, GatherOptions)
    source, positions, target = operands(ctx, op, 2)
    rank = len(source.shape)
    axis = op.options.axis + (rank if op.options.axis < 0 else 0)
    batch = op.options.batch_dims + (len(positions.shape) if op.options.batch_dims < 0 else 0)
    require(
        0 <= batch <= axis < rank and source.shape[:batch] == positions.shape[:batch],
        f"its axis {op.options.axis} and {op.options.batch_dims} batch dimensions do not fit an input of "
        f"{list(source.shape)} and positions of {list(positions.shape)}",
        _AGAIN,
    )
    taken = positions.shape[batch:]
    require_shape(target, (*source.shape[:axis], *taken, *source.shape[axis + 1 :]), "input and positions")
    _require_inside(positions, source.shape[axis])
    return _gather(
        source,
        positions,
        target,
        (In(source.id), In(positions.id), Out(target.id)),
        (math.prod(source.shape[:batch]), math.prod(source.shape[batch:axis]), source.shape[axis], math.prod(taken)),
    )


@lowers(
    "EMBEDDING_LOOKUP",
    types=(*MOVABLE, (DType.INT8, DType.FLOAT32)),
    takes=f"constant or computed positions and table; from int8 also to float32; {_OUTSIDE}",
    refuses={
        "constant positions outside": _AGAIN,
        "an int8 table with a zero point or several scales, to float32": "quantize it symmetrically, with one scale",
    },
    float_exact=True,
    works_on=1,
)
def lower_embedding_lookup(ctx: LowerContext, op: Op) -> Lowered:
    positions, table, target = operands(ctx, op, 2)
    require(positions.dtype is DType.INT32, f"its positions are {positions.dtype.label}", _AGAIN)
    require(
        len(positions.shape) == 1 and len(table.shape) >= 2,
        f"its positions are {list(positions.shape)} and its table {list(table.shape)}",
        _AGAIN,
    )
    require_shape(target, (*positions.shape, *table.shape[1:]), "table and positions")
    rows, count = table.shape[0], positions.size
    _require_inside(positions, rows)
    if table.dtype is target.dtype:
        return _gather(table, positions, target, (In(table.id), In(positions.id), Out(target.id)), (1, 1, rows, count))
    quant = quantization(table)
    require(
        not quant.per_channel and quant.zero_point == 0,
        "its int8 table has a zero point or several scales",
        "quantize it symmetrically, with one scale",
    )
    params: dict[str, ParamValue] = {
        "rows": rows,
        "columns": table.size // rows,
        "count": count,
        "scale": float(quant.scale),
    }
    args: tuple[Arg, ...] = (In(positions.id), In(table.id), Out(target.id))
    return Lowered((KernelCall("tk_embedding_lookup_s8_f32", params, args),))


@lowers(
    "GATHER_ND",
    types=MOVABLE,
    takes=f"up to {_DIMS} indices in a tuple; constant or computed ones; {_OUTSIDE}",
    refuses=_REFUSES,
    float_exact=True,
)
def lower_gather_nd(ctx: LowerContext, op: Op) -> Lowered:
    source, indices, target = operands(ctx, op, 2)
    _require_int32(indices)
    dims = indices.shape[-1] if indices.shape else 0
    require(
        0 < dims <= min(_DIMS, len(source.shape)),
        f"its indices are {list(indices.shape)}, its input {list(source.shape)}",
        f"use tuples of 1 to {_DIMS} indices",
    )
    require_shape(target, (*indices.shape[:-1], *source.shape[dims:]), "input and indices")
    steps = row_major_strides(source.shape)[:dims]
    if indices.data is not None:
        # as TFLite-Micro, which looks where they lead to, not at each
        places = indices.data.reshape(-1, dims) @ np.array(steps, np.int64)
        inside = bool(np.all((places >= 0) & (places < source.size)))
        require(inside, f"a position is outside of {list(source.shape)}", _AGAIN)
    item = _itemsize(source)
    params: dict[str, ParamValue] = {
        "count": indices.size // dims,
        "dims": dims,
        "run": math.prod(source.shape[dims:]) * item,
        "size": source.nbytes,
        "step": (*(step * item for step in steps), *[0] * (_DIMS - dims)),
    }
    return Lowered((KernelCall("tk_gather_nd", params, (In(source.id), In(indices.id), Out(target.id))),))


def _gather(
    source: Tensor, positions: Tensor, target: Tensor, args: tuple[Arg, ...], loops: tuple[int, int, int, int]
) -> Lowered:
    """``loops``: batches, slices of a batch, positions that there are, positions that are taken."""
    _require_int32(positions)
    require(source.dtype is target.dtype, f"its output is {target.dtype.label}", CONVERT_AGAIN)
    batches, outer, size, count = loops
    params: dict[str, ParamValue] = {
        "batches": batches,
        "outer": outer,
        "size": size,
        "count": count,
        "run": source.nbytes // (batches * outer * size),
    }
    return Lowered((KernelCall("tk_gather", params, args),))


def _require_int32(positions: Tensor) -> None:
    if positions.dtype is not DType.INT32:
        raise Refusal(f"its positions are {positions.dtype.label}", "cast them to int32")


def _require_inside(positions: Tensor, size: int) -> None:
    if positions.data is not None:
        inside = bool(np.all((positions.data >= 0) & (positions.data < size)))
        require(inside, f"a position is outside of the {size} that there are", _AGAIN)


def _itemsize(tensor: Tensor) -> int:
    return tensor.nbytes // tensor.size
