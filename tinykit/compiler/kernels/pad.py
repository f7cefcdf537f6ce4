"""PAD and PADV2 of any type with a memory layout: fill the output, then copy the input into it."""

from __future__ import annotations

import numpy as np

from tinykit.compiler.kernels.base import LowerContext, Lowered, lowers
from tinykit.compiler.kernels.checks import constant, input_tensor, quantization, require, require_shape
from tinykit.compiler.kernels.nd import (
    MOVABLE,
    Loop,
    copy_call,
    copy_or_alias,
    fill_call,
    row_major_strides,
)
from tinykit.graph.types import Op, Tensor

_TAKES = "up to 6 dimensions; a constant amount of padding"
_REFUSES = {
    "an amount or a value that is computed at run time": "make it a constant of the model",
    "input and output of different scales or zero points": "convert the model again",
}


@lowers("PAD", types=MOVABLE, takes=_TAKES, refuses=_REFUSES, float_exact=True)
@lowers("PADV2", types=MOVABLE, takes=f"{_TAKES}; a constant value", refuses=_REFUSES, float_exact=True)
def lower(ctx: LowerContext, op: Op) -> Lowered:
    source = input_tensor(ctx, op, 0, "input")
    target = ctx.graph.output(op)
    amounts = constant(input_tensor(ctx, op, 1, "amount of padding"), "amount of padding")
    require(
        amounts.shape == (len(source.shape), 2) and bool(np.all(amounts >= 0)),
        f"its amounts of padding, {amounts.reshape(-1).tolist()}, do not fit {len(source.shape)} dimensions",
        "convert the model again",
    )
    before = [int(v) for v in amounts[:, 0]]
    expected = tuple(size + int(row.sum()) for size, row in zip(source.shape, amounts, strict=True))
    require_shape(target, expected, "input and padding")
    strides = row_major_strides(source.shape)
    steps = row_major_strides(target.shape)
    loops = [Loop(*values) for values in zip(source.shape, strides, steps, strict=True)]
    if source.size == target.size:
        return copy_or_alias(source, target, loops)
    offset = sum(b * step for b, step in zip(before, steps, strict=True))
    fill = fill_call(target, _value(ctx, op, source, target))
    return Lowered((fill, copy_call(source, target, loops, target_offset=offset)) if source.size else (fill,))


def _value(ctx: LowerContext, op: Op, source: Tensor, target: Tensor) -> bytes:
    """What the border holds: PADV2's third input, else real zero."""
    numpy = target.dtype.numpy
    assert numpy is not None
    given = ctx.graph.input(op, 2)
    if given is not None:
        value = constant(given, "padding value").reshape(-1)
        require(
            given.dtype is target.dtype and value.size == 1,
            f"its padding value is {given.dtype.label} with {value.size} elements",
            "convert the model again",
        )
        return value.astype(numpy).tobytes()
    zero = 0
    if target.dtype.label in ("int8", "uint8") and target.quant is not None:
        zero = quantization(target).zero_point
        limits = np.iinfo(numpy.name)
        require(limits.min <= zero <= limits.max, f"its output has the zero point {zero}", "convert the model again")
        same = source.quant is not None and source.quant.zero_point == zero and source.quant.scale == target.quant.scale
        require(same, "input and output have different scales or zero points", "convert the model again")
    return np.array(zero, numpy).tobytes()
