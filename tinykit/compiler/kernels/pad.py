"""PAD and PADV2 of any type with a memory layout: fill the output, then copy the input into it."""

from __future__ import annotations

import numpy as np

from tinykit.compiler.kernels.base import KernelCall, LowerContext, Lowered, lowers
from tinykit.compiler.kernels.checks import (
    constant,
    input_tensor,
    quantization,
    require,
    require_shape,
    scale_and_zero_point,
)
from tinykit.compiler.kernels.nd import (
    MOVABLE,
    Loop,
    copy_call,
    copy_or_alias,
    fill_call,
    row_major_strides,
)
from tinykit.graph.types import DType, Op, Tensor

_AGAIN = "convert the model again"
_TAKES = "up to 6 dimensions; a constant amount of padding; int8 is never rescaled"
_REFUSES = {"an amount that is computed at run time": "make it a constant of the model"}


@lowers("PAD", types=MOVABLE, takes=_TAKES, refuses=_REFUSES, float_exact=True)
@lowers("PADV2", types=MOVABLE, takes=f"{_TAKES}; a constant or computed value", refuses=_REFUSES, float_exact=True)
def lower(ctx: LowerContext, op: Op) -> Lowered:
    source = input_tensor(ctx, op, 0, "input")
    target = ctx.graph.output(op)
    amounts = constant(input_tensor(ctx, op, 1, "amount of padding"), "amount of padding")
    if amounts.size == 2 * len(source.shape):
        amounts = amounts.reshape(-1, 2)
    require(
        amounts.shape == (len(source.shape), 2) and bool(np.all(amounts >= 0)),
        f"its amounts of padding, {amounts.reshape(-1).tolist()}, do not fit {len(source.shape)} dimensions",
        _AGAIN,
    )
    before = [int(v) for v in amounts[:, 0]]
    expected = tuple(size + int(row.sum()) for size, row in zip(source.shape, amounts, strict=True))
    require_shape(target, expected, "input and padding")
    strides = row_major_strides(source.shape)
    steps = row_major_strides(target.shape)
    loops = [Loop(*values) for values in zip(source.shape, strides, steps, strict=True)]
    fill = _border(ctx, op, target)
    if source.size == target.size:
        return copy_or_alias(source, target, loops)
    offset = sum(b * step for b, step in zip(before, steps, strict=True))
    return Lowered((fill, copy_call(source, target, loops, target_offset=offset)) if source.size else (fill,))


def _border(ctx: LowerContext, op: Op, target: Tensor) -> KernelCall:
    """Fills the output with PADV2's third input, else with real zero, which is 0 in int16 whatever its zero point."""
    numpy = target.dtype.numpy
    assert numpy is not None
    given = ctx.graph.input(op, 2)
    if given is None:
        zero = 0
        if target.dtype in (DType.INT8, DType.UINT8) and target.quant is not None:
            zero = quantization(target).zero_point
            limits = np.iinfo(numpy.name)
            require(limits.min <= zero <= limits.max, f"its output has the zero point {zero}", _AGAIN)
        return fill_call(target, np.array(zero, numpy).tobytes())
    require(
        given.dtype is target.dtype and given.size == 1,
        f"its padding value is {given.dtype.label} with {given.size} elements",
        _AGAIN,
    )
    if target.dtype is DType.INT8:
        same = scale_and_zero_point(given) == scale_and_zero_point(target)
        require(same, "its padding value has another scale or zero point", _AGAIN)
    if given.data is None or numpy.itemsize > 4:
        return copy_call(given, target, [Loop(target.size, 0, 1)])
    return fill_call(target, given.data.astype(numpy).tobytes())
