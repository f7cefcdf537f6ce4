"""STRIDED_SLICE of any type with a memory layout, with begin, end and shrink-axis masks.

Source of the index rules: TensorFlow Lite ``internal/strided_slice_logic.h``. TFLite-Micro refuses ellipsis and
new-axis masks, and so do we.
"""

from __future__ import annotations

import numpy as np

from tinykit.compiler.kernels.base import LowerContext, Lowered, lowers
from tinykit.compiler.kernels.checks import constant, input_tensor, require
from tinykit.compiler.kernels.nd import MOVABLE, Loop, copy_or_alias, row_major_strides
from tinykit.graph.options import StridedSliceOptions
from tinykit.graph.types import Op

_AGAIN = "convert the model again"


@lowers(
    "STRIDED_SLICE",
    types=MOVABLE,
    takes="up to 5 dimensions; constant begin, end and strides, also negative; begin, end and shrink-axis masks; ends "
    "as offsets",
    refuses={
        "an ellipsis mask": "write the slice of every axis",
        "a new-axis mask": "use EXPAND_DIMS instead",
        "begin, end or strides that are computed at run time": "make them constants of the model",
    },
    float_exact=True,
)
def lower(ctx: LowerContext, op: Op) -> Lowered:
    options = op.options
    assert isinstance(options, StridedSliceOptions)
    source = input_tensor(ctx, op, 0, "input")
    target = ctx.graph.output(op)
    require(options.ellipsis_mask == 0, "it has an ellipsis mask", "write the slice of every axis")
    require(options.new_axis_mask == 0, "it has a new-axis mask", "use EXPAND_DIMS instead")
    rank = len(source.shape)
    begin, end, strides = (
        [int(v) for v in constant(input_tensor(ctx, op, position, what), what).reshape(-1)]
        for position, what in ((1, "begin"), (2, "end"), (3, "strides"))
    )
    require(
        len(begin) == len(end) == len(strides) <= rank,
        f"it slices {len(begin)} axes of an input of {rank} dimensions",
        _AGAIN,
    )
    require(0 not in strides, "it has the stride 0", _AGAIN)
    steps = row_major_strides(source.shape)
    loops: list[tuple[int, int]] = []
    offset = 0
    for axis, size in enumerate(source.shape):
        if axis >= len(begin):
            loops.append((size, steps[axis]))
            continue
        first, count = _range(axis, size, begin[axis], end[axis], strides[axis], options)
        offset += first * steps[axis]
        loops.append((count, strides[axis] * steps[axis]))
    counts = [count for count, _ in loops]
    require(int(np.prod(counts)) == target.size, f"it takes {counts} elements, its output has {target.size}", _AGAIN)
    require(target.size > 0, "its output is empty", "remove the layer")
    target_steps = row_major_strides(counts)
    return copy_or_alias(
        source,
        target,
        [Loop(count, step, to) for (count, step), to in zip(loops, target_steps, strict=True)],
        offset,
    )


def _range(axis: int, size: int, begin: int, end: int, stride: int, options: StridedSliceOptions) -> tuple[int, int]:
    """First index along an axis, and how many indices follow the stride."""
    bit = 1 << axis
    low, high = (0, size) if stride > 0 else (-1, size - 1)

    def clamp(index: int) -> int:
        return min(max(index + size if index < 0 else index, low), high)

    first = (0 if stride > 0 else size - 1) if options.begin_mask & bit else clamp(begin)
    if options.shrink_axis_mask & bit:
        # one element; an index outside of the axis is an error of the model
        wanted = begin + size if begin < 0 else begin
        require(0 <= wanted < size, f"it takes element {begin} of an axis of {size}", _AGAIN)
        return wanted, 1
    whole = size if stride > 0 else -1
    last = whole if options.end_mask & bit else clamp(begin + end if options.offset else end)
    span = last - first
    count = -(-span // stride) if (span > 0) == (stride > 0) else 0
    return first, max(0, count)
