"""CONCATENATION and PACK of any type with a memory layout.

Source: TensorFlow Lite Micro ``concatenation.cc`` and ``pack.cc``, which never rescale. CONCATENATION refuses int8
that would have to be.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from tinykit.compiler.kernels.base import LowerContext, Lowered, lowers
from tinykit.compiler.kernels.checks import CONVERT_AGAIN, require, require_shape, scale_and_zero_point
from tinykit.compiler.kernels.nd import MOVABLE, joined
from tinykit.graph.options import Activation, ConcatenationOptions, PackOptions
from tinykit.graph.types import DType, Op, Tensor

_AGAIN = "convert the model again"


@lowers(
    "CONCATENATION",
    types=MOVABLE,
    takes="any number of inputs, also constants; any axis",
    refuses={
        "an int8 input whose scale or zero point is not the output's": CONVERT_AGAIN,
        "an int16 zero point other than 0": CONVERT_AGAIN,
        "a fused activation": "use a separate activation layer",
    },
    float_exact=True,
)
def lower(ctx: LowerContext, op: Op) -> Lowered:
    assert isinstance(op.options, ConcatenationOptions)
    target = ctx.graph.output(op)
    sources = _sources(ctx, op, target)
    require(
        op.options.activation is Activation.NONE,
        f"fused {op.options.activation.name} is not supported",
        "use a separate activation layer",
    )
    axis = _axis(op.options.axis, target)
    for source in sources:
        _check(source, target, axis)
    along = sum(source.shape[axis] for source in sources)
    require(
        along == target.shape[axis],
        f"its inputs have {along} elements along axis {axis}, its output {target.shape[axis]}",
        _AGAIN,
    )
    return joined(sources, target, math.prod(target.shape[:axis]))


@lowers(
    "PACK",
    types=MOVABLE,
    takes="any number of inputs, also constants; any axis; int8 is never rescaled",
    refuses={},
    float_exact=True,
)
def lower_pack(ctx: LowerContext, op: Op) -> Lowered:
    assert isinstance(op.options, PackOptions)
    target = ctx.graph.output(op)
    sources = _sources(ctx, op, target)
    require(op.options.count == len(sources), f"it packs {op.options.count} of {len(sources)} inputs", _AGAIN)
    axis = _axis(op.options.axis, target)
    for source in sources:
        require_shape(target, (*source.shape[:axis], len(sources), *source.shape[axis:]), "inputs and axis")
    return joined(sources, target, math.prod(target.shape[:axis]))


def _sources(ctx: LowerContext, op: Op, target: Tensor) -> Sequence[Tensor]:
    sources = [ctx.graph.tensor(i) for i in op.inputs if i >= 0]
    require(len(sources) == len(op.inputs) and bool(sources), "an input is missing", _AGAIN)
    for source in sources:
        require(
            source.dtype is target.dtype,
            f"input {source.name!r} is {source.dtype.label} and the output {target.dtype.label}",
            CONVERT_AGAIN,
        )
    return sources


def _axis(given: int, target: Tensor) -> int:
    rank = len(target.shape)
    axis = given + rank if given < 0 else given
    require(0 <= axis < rank, f"its axis {given} does not fit {rank} dimensions", _AGAIN)
    return axis


def _check(source: Tensor, target: Tensor, axis: int) -> None:
    others = [d for i, d in enumerate(source.shape) if i != axis]
    require(
        len(source.shape) == len(target.shape) and others == [d for i, d in enumerate(target.shape) if i != axis],
        f"input {source.name!r} is {list(source.shape)} and the output {list(target.shape)}: they differ outside of "
        f"axis {axis}",
        _AGAIN,
    )
    if source.dtype is DType.INT8:
        require(
            scale_and_zero_point(source) == scale_and_zero_point(target),
            f"input {source.name!r} has another scale or zero point than the output",
            CONVERT_AGAIN,
        )
    if source.dtype is DType.INT16:
        points = {scale_and_zero_point(source)[1], scale_and_zero_point(target)[1]}
        require(points == {0}, "it has an int16 zero point other than 0", CONVERT_AGAIN)
