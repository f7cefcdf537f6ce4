"""STRIDED_SLICE of any type with a memory layout.

Source of the index rules: TensorFlow Lite ``internal/strided_slice_logic.h``. TFLite-Micro takes no notice of ellipsis
and new-axis masks and of ends as offsets, so that it refuses most models with them: their output has another shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tinykit.compiler.kernels.base import LowerContext, Lowered, Refusal, lowers
from tinykit.compiler.kernels.checks import constant, input_tensor, require
from tinykit.compiler.kernels.nd import MOVABLE, Loop, copy_or_alias, row_major_strides
from tinykit.graph.options import StridedSliceOptions
from tinykit.graph.types import Op, Tensor

_AGAIN = "convert the model again"


@dataclass(frozen=True)
class _Axis:
    """What is taken of an axis of the input, as numbers and masks say it; the default is everything."""

    begin: int = 0
    end: int = 0
    stride: int = 1
    from_edge: bool = True
    to_edge: bool = True
    shrinks: bool = False

    def range(self, size: int) -> tuple[int, int]:
        """First index, and how many indices follow the stride."""
        low, high = (0, size) if self.stride > 0 else (-1, size - 1)

        def clamped(index: int) -> int:
            return min(max(index + size if index < 0 else index, low), high)

        first = (0 if self.stride > 0 else size - 1) if self.from_edge else clamped(self.begin)
        if self.shrinks:
            inside = 0 <= first < size and self.stride > 0
            require(inside, f"it takes element {self.begin} of an axis of {size}", _AGAIN)
            return first, 1
        last = (size if self.stride > 0 else -1) if self.to_edge else clamped(self.end)
        return first, max(0, -(-(last - first) // self.stride))


_Slice = tuple[tuple[int, ...], list[tuple[int, int, int]]]
"""The output's shape; and for each axis of the input the first index, the number of indices and the stride."""


@lowers(
    "STRIDED_SLICE",
    types=MOVABLE,
    takes="up to 5 dimensions; constant begin, end and strides, also negative and of fewer axes than the input has; "
    "all masks, and ends as offsets, also where TFLite-Micro overlooks them",
    refuses={
        "an ellipsis or new-axis mask that TFLite-Micro overlooks with another result": "write the slice of every axis",
        "begin, end or strides that are computed at run time": "make it a constant of the model",
    },
    float_exact=True,
)
def lower(ctx: LowerContext, op: Op) -> Lowered:
    options = op.options
    assert isinstance(options, StridedSliceOptions)
    source = input_tensor(ctx, op, 0, "input")
    target = ctx.graph.output(op)
    begin, end, strides = (
        [int(v) for v in constant(input_tensor(ctx, op, position, what), what).reshape(-1)]
        for position, what in ((1, "begin"), (2, "end"), (3, "strides"))
    )
    require(len(begin) == len(end) == len(strides), f"it slices {len(begin)} axes to {len(end)} ends", _AGAIN)
    require(0 not in strides, "it has the stride 0", _AGAIN)
    shape, taken = _meant(options, source, target, list(zip(begin, end, strides, strict=True)))
    require(shape == target.shape, f"it gives {list(shape)}, its output is {list(target.shape)}", _AGAIN)
    steps = row_major_strides(source.shape)
    counts = [count for _, count, _ in taken]
    return copy_or_alias(
        source,
        target,
        [
            Loop(count, stride * step, to)
            for (_, count, stride), step, to in zip(taken, steps, row_major_strides(counts), strict=True)
        ],
        sum(first * step for (first, _, _), step in zip(taken, steps, strict=True)),
    )


def _meant(
    options: StridedSliceOptions, source: Tensor, target: Tensor, numbers: Sequence[tuple[int, int, int]]
) -> _Slice:
    """What the options say; or what TFLite-Micro makes of it, if that alone gives the output's shape."""

    def axes(offset: bool) -> list[_Axis]:
        return [
            _Axis(
                begin,
                begin + end if offset else end,
                stride,
                bool(options.begin_mask >> i & 1),
                bool(options.end_mask >> i & 1),
                bool(options.shrink_axis_mask >> i & 1),
            )
            for i, (begin, end, stride) in enumerate(numbers)
        ]

    overlooked = options.ellipsis_mask or options.new_axis_mask or options.offset
    if not overlooked or len(numbers) != len(source.shape):
        return _sliced(source, axes(options.offset), options.ellipsis_mask, options.new_axis_mask)
    plain = _sliced(source, axes(False), 0, 0)
    try:
        said = _sliced(source, axes(options.offset), options.ellipsis_mask, options.new_axis_mask)
    except Refusal:
        return plain
    if target.shape != plain[0]:
        return said
    require(
        said[0] != plain[0] or said[1] == plain[1],
        "TFLite-Micro overlooks its ellipsis or new-axis mask, and runs it with another result",
        "write the slice of every axis",
    )
    return plain


def _sliced(source: Tensor, axes: Sequence[_Axis], ellipsis: int, new_axis: int) -> _Slice:
    """Axes of the slice, of which one may stand for several and others for none, on axes of the input."""
    rank = len(source.shape)
    places = range(len(axes))
    rest = rank - sum(not (ellipsis | new_axis) >> i & 1 for i in places)
    several = sum(ellipsis >> i & 1 for i in places)
    require(rest >= 0 and several <= 1, f"it slices {len(axes)} axes of an input of {rank} dimensions", _AGAIN)
    found: list[_Axis | None] = []
    for i, axis in enumerate(axes):
        if ellipsis >> i & 1:
            found += [_Axis()] * rest
        else:
            found.append(None if new_axis >> i & 1 else axis)
    if not several:
        found += [_Axis()] * rest
    shape: list[int] = []
    taken: list[tuple[int, int, int]] = []
    for entry in found:
        if entry is None:
            shape.append(1)
            continue
        first, count = entry.range(source.shape[len(taken)])
        taken.append((first, count, entry.stride))
        if not entry.shrinks:
            shape.append(count)
    return tuple(shape), taken
