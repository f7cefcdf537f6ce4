"""CONCATENATION of any type with a memory layout.

Source: TensorFlow Lite Micro ``concatenation.cc``, which copies int8 without rescaling and allows no activation.
"""

from __future__ import annotations

import math

from tinykit.compiler.kernels.base import LowerContext, Lowered, lowers
from tinykit.compiler.kernels.checks import CONVERT_AGAIN, require
from tinykit.compiler.kernels.nd import MOVABLE, Loop, copy_call, copy_or_alias
from tinykit.graph.options import Activation, ConcatenationOptions
from tinykit.graph.types import Op, Tensor


@lowers(
    "CONCATENATION",
    types=MOVABLE,
    takes="any number of inputs, also constants; any axis",
    refuses={
        "an int8 input whose scale or zero point is not the output's": "convert the model again",
        "a fused activation": "use a separate activation layer",
    },
    float_exact=True,
)
def lower(ctx: LowerContext, op: Op) -> Lowered:
    assert isinstance(op.options, ConcatenationOptions)
    target = ctx.graph.output(op)
    sources = [ctx.graph.tensor(i) for i in op.inputs if i >= 0]
    require(len(sources) == len(op.inputs) and bool(sources), "an input is missing", "convert the model again")
    require(
        op.options.activation is Activation.NONE,
        f"fused {op.options.activation.name} is not supported",
        "use a separate activation layer",
    )
    rank = len(target.shape)
    axis = op.options.axis + rank if op.options.axis < 0 else op.options.axis
    require(0 <= axis < rank, f"its axis {op.options.axis} does not fit {rank} dimensions", "convert the model again")
    for source in sources:
        _check(source, target, axis)
    along = sum(source.shape[axis] for source in sources)
    require(
        along == target.shape[axis],
        f"its inputs have {along} elements along axis {axis}, its output {target.shape[axis]}",
        "convert the model again",
    )
    outer = math.prod(target.shape[:axis])
    inner = math.prod(target.shape[axis + 1 :])
    if len(sources) == 1:
        return copy_or_alias(sources[0], target, [Loop(target.size, 1, 1)])
    calls = []
    offset = 0
    for source in sources:
        run = source.shape[axis] * inner
        if run:
            loops = [Loop(outer, run, along * inner), Loop(run, 1, 1)]
            calls.append(copy_call(source, target, loops, target_offset=offset))
        offset += run
    require(bool(calls), "its output is empty", "remove the layer")
    return Lowered(tuple(calls))


def _check(source: Tensor, target: Tensor, axis: int) -> None:
    require(
        source.dtype is target.dtype,
        f"input {source.name!r} is {source.dtype.label} and the output {target.dtype.label}",
        CONVERT_AGAIN,
    )
    others = [d for i, d in enumerate(source.shape) if i != axis]
    require(
        len(source.shape) == len(target.shape) and others == [d for i, d in enumerate(target.shape) if i != axis],
        f"input {source.name!r} is {list(source.shape)} and the output {list(target.shape)}: they differ outside of "
        f"axis {axis}",
        "convert the model again",
    )
    if source.quant is not None and target.quant is not None and source.dtype.label == "int8":
        require(
            source.quant.scale == target.quant.scale and source.quant.zero_point == target.quant.zero_point,
            f"input {source.name!r} has another scale or zero point than the output, and TFLite-Micro would copy it "
            "without rescaling",
            CONVERT_AGAIN,
        )
