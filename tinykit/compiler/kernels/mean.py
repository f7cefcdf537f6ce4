"""MEAN over any axes, int8 and float32.

Source: TensorFlow Lite ``reference/reduce.h``, ``QuantizedMeanOrSum``: the sum of the elements less their zero point is
requantized once, with the division by their number folded into the multiplier.
"""

from __future__ import annotations

import math

from tinykit.compiler.kernels.base import In, KernelCall, LowerContext, Lowered, Out, Overlap, ParamValue, lowers
from tinykit.compiler.kernels.checks import constant, input_tensor, int8_quantization, require, scale_multiplier
from tinykit.compiler.kernels.nd import Loop, row_major_strides, simplify
from tinykit.graph.options import ReducerOptions
from tinykit.graph.types import DType, Op, Tensor

_LOOPS = 3
"""Loops of the kernels over kept and over reduced axes."""


@lowers(
    "MEAN",
    takes="any constant axes, kept or not; int8 is rescaled",
    refuses={
        "axes that are computed at run time": "make them a constant of the model",
        "kept or reduced axes in more than three groups": "use fewer dimensions",
        "int8 means of 2^23 elements or more": "reduce in two steps",
    },
)
def lower(ctx: LowerContext, op: Op) -> Lowered:
    assert isinstance(op.options, ReducerOptions)
    source = input_tensor(ctx, op, 0, "input")
    dtype = source.dtype
    target = ctx.graph.output(op)
    rank = len(source.shape)
    given = [int(v) for v in constant(input_tensor(ctx, op, 1, "axes"), "axes").reshape(-1)]
    axes = {axis + rank if axis < 0 else axis for axis in given}
    require(
        all(0 <= axis < rank for axis in axes),
        f"its axes {given} do not fit {rank} dimensions",
        "convert the model again",
    )
    kept = [i for i in range(rank) if i not in axes]
    count = math.prod(source.shape[i] for i in axes)
    require(
        target.size == math.prod(source.shape[i] for i in kept) and count > 0,
        f"its output {list(target.shape)} does not follow from input {list(source.shape)} and axes {given}",
        "convert the model again",
    )
    params: dict[str, ParamValue] = {**_loops(source, kept, "kept"), **_loops(source, sorted(axes), "reduced")}
    args = (In(source.id), Out(target.id))
    # Outputs are in the order of the first elements they are the mean of, and no more.
    overlaps = (Overlap(source.id, target.id, 0),)
    if dtype is DType.FLOAT32:
        return Lowered((KernelCall("tk_mean_f32", {**params, "elements": float(count)}, args, overlaps=overlaps),))
    require(count * 256 < 2**31, f"it adds {count} elements, which may not fit 32 bits", "reduce in two steps")
    source_quant = int8_quantization(source)
    target_quant = int8_quantization(target)
    multiplier, shift = mean_multiplier(float(source_quant.scale) / float(target_quant.scale), count)
    params |= {
        "multiplier": multiplier,
        "shift": shift,
        "zero_point_sum": source_quant.zero_point * count,
        "output_zero_point": target_quant.zero_point,
    }
    return Lowered((KernelCall("tk_mean_s8", params, args, overlaps=overlaps),))


def mean_multiplier(ratio: float, count: int) -> tuple[int, int]:
    """Multiplier and shift for sums of ``count`` elements, as QuantizedMeanOrSum derives them."""
    multiplier, shift = scale_multiplier(ratio)
    folded = min(count.bit_length() - 1, 32, 31 + shift)
    return (multiplier << folded) // count, shift - folded


def _loops(source: Tensor, axes: list[int], name: str) -> dict[str, ParamValue]:
    steps = row_major_strides(source.shape)
    # the target's step repeats the source's: only the source is walked, and loops that continue there merge
    merged = simplify([Loop(source.shape[i], steps[i], steps[i]) for i in axes])
    require(len(merged) <= _LOOPS, f"its {name} axes form {len(merged)} loops", "use fewer dimensions")
    padded = [Loop(1, 0, 0)] * (_LOOPS - len(merged)) + merged
    return {f"{name}_count": tuple(p.count for p in padded), f"{name}_step": tuple(p.source for p in padded)}
