"""What all operators that reduce axes have in common: which axes, and the loops over kept and over reduced ones."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tinykit.compiler.kernels.base import In, KernelCall, LowerContext, Lowered, Out, Overlap, ParamValue
from tinykit.compiler.kernels.checks import constant, input_tensor, require
from tinykit.compiler.kernels.nd import Loop, row_major_strides, simplify
from tinykit.graph.types import DType, Op, Tensor

LOOPS = 3
"""Loops of the kernels over kept and over reduced axes (TK_REDUCE_LOOPS)."""

REDUCTION_REFUSES = {
    "axes that are computed at run time": "make them a constant of the model",
    "kept or reduced axes in more than three groups": "use fewer dimensions",
}
"""What all of them refuse, see ``Operator.refuses``."""


@dataclass(frozen=True)
class Reduction:
    """A reduction that was found consistent.

    Attributes:
        count: elements that each result is made of.
        loops: the fields of ``tk_reduce.h`` that all kernels have.
    """

    source: Tensor
    target: Tensor
    count: int
    loops: dict[str, ParamValue]

    def call(self, kernel: str, params: dict[str, ParamValue] | None = None) -> Lowered:
        # Outputs are in the order of the first elements they are made of, and no more.
        overlaps = (Overlap(self.source.id, self.target.id, 0),)
        args = (In(self.source.id), Out(self.target.id))
        return Lowered((KernelCall(kernel, {**self.loops, **(params or {})}, args, overlaps=overlaps),))


def reduction(ctx: LowerContext, op: Op) -> Reduction:
    """Check input, axes and output of an operator that reduces axes.

    Raises:
        Refusal: when they do not go together.
    """
    source = input_tensor(ctx, op, 0, "input")
    target = ctx.graph.output(op)
    axes_tensor = input_tensor(ctx, op, 1, "axes")
    require(axes_tensor.dtype is DType.INT32, f"its axes are {axes_tensor.dtype.label}", "make them int32")
    rank = len(source.shape)
    given = [int(v) for v in constant(axes_tensor, "axes").reshape(-1)]
    axes = {axis + rank if axis < 0 else axis for axis in given} if rank else set()
    require(
        all(0 <= axis < rank for axis in axes),
        f"its axes {given} do not fit {rank} dimensions",
        "convert the model again",
    )
    kept = [i for i in range(rank) if i not in axes]
    require(
        target.size == math.prod(source.shape[i] for i in kept),
        f"its output {list(target.shape)} does not follow from input {list(source.shape)} and axes {given}",
        "convert the model again",
    )
    count = math.prod(source.shape[i] for i in axes)
    return Reduction(source, target, count, _loops(source, kept, "kept") | _loops(source, sorted(axes), "reduced"))


def _loops(source: Tensor, axes: list[int], name: str) -> dict[str, ParamValue]:
    steps = row_major_strides(source.shape)
    # the target's step repeats the source's: only the source is walked, and loops that continue there merge
    merged = simplify([Loop(source.shape[i], steps[i], steps[i]) for i in axes])
    require(len(merged) <= LOOPS, f"its {name} axes form {len(merged)} loops", "use fewer dimensions")
    padded = [Loop(1, 0, 0)] * (LOOPS - len(merged)) + merged
    return {f"{name}_count": tuple(p.count for p in padded), f"{name}_step": tuple(p.source for p in padded)}
