"""Moving blocks of memory: nested loops over strided arrays, simplified on the host for the kernel tk_copy_nd."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tinykit.compiler.kernels.base import Alias, Arg, In, KernelCall, Lowered, Out, ParamValue, same_types
from tinykit.compiler.kernels.checks import require
from tinykit.graph.types import DType, Graph, Tensor

LOOPS = 5
"""Loops of tk_copy_nd around its run; enough for five dimensions of any order, and six whose last stays last."""
_ELEMENTS = (DType.INT8, DType.FLOAT32, DType.UINT8, DType.INT16, DType.INT32, DType.INT64, DType.BOOL)
MOVABLE = same_types(*_ELEMENTS)
"""Types of operators that only move elements."""


@dataclass(frozen=True)
class Loop:
    """``count`` steps that advance ``source`` and ``target`` elements."""

    count: int
    source: int
    target: int


def row_major_strides(shape: Sequence[int]) -> list[int]:
    """Elements between neighbours along each dimension."""
    strides = [1] * len(shape)
    for i in range(len(shape) - 2, -1, -1):
        strides[i] = strides[i + 1] * shape[i + 1]
    return strides


def simplify(loops: Sequence[Loop]) -> list[Loop]:
    """The same steps in the same order in fewer loops: loops of one step go, neighbours that continue merge."""
    merged: list[Loop] = []
    for loop in loops:
        if loop.count == 1:
            continue
        if merged:
            outer = merged[-1]
            if outer.source == loop.count * loop.source and outer.target == loop.count * loop.target:
                merged[-1] = Loop(outer.count * loop.count, loop.source, loop.target)
                continue
        merged.append(loop)
    return merged


def copy_call(
    source: Tensor, target: Tensor, loops: Sequence[Loop], source_offset: int = 0, target_offset: int = 0
) -> KernelCall:
    """A call of tk_copy_nd; all lengths in elements.

    Raises Refusal when the loops cannot be simplified to what the kernel has.
    """
    numpy = source.dtype.numpy
    assert numpy is not None, "checked by the caller"
    size = numpy.itemsize
    rest = simplify(loops)
    run = 1
    if rest and rest[-1].source == rest[-1].target == 1:
        run = rest.pop().count
    require(len(rest) <= LOOPS, f"it moves data in {len(rest) + 1} nested loops", "use fewer dimensions")
    padded = [Loop(1, 0, 0)] * (LOOPS - len(rest)) + rest
    params: dict[str, ParamValue] = {
        "run": run * size,
        "count": tuple(loop.count for loop in padded),
        "source_step": tuple(loop.source * size for loop in padded),
        "target_step": tuple(loop.target * size for loop in padded),
        "source_offset": source_offset * size,
        "target_offset": target_offset * size,
    }
    args: tuple[Arg, ...] = (In(source.id), Out(target.id))
    return KernelCall("tk_copy_nd", params, args)


def copy_or_alias(source: Tensor, target: Tensor, loops: Sequence[Loop], source_offset: int = 0) -> Lowered:
    """A copy that fills the whole target, or no code where it would copy everything to the same place."""
    rest = simplify(loops)
    whole = not rest or (len(rest) == 1 and rest[0].source == rest[0].target == 1)
    if whole and source.size == target.size and source_offset == 0 and not source.is_constant:
        return Lowered(alias=Alias(source.id, target.id))
    return Lowered((copy_call(source, target, loops, source_offset),))


def joined(sources: Sequence[Tensor], target: Tensor, outer: int) -> Lowered:
    """Copies of tensors next to each other: each of ``outer`` blocks of the target is one block of every source."""
    if len(sources) == 1:
        return copy_or_alias(sources[0], target, [Loop(target.size, 1, 1)])
    calls = []
    offset = 0
    for source in sources:
        run = source.size // outer
        if run:
            loops = [Loop(outer, run, target.size // outer), Loop(run, 1, 1)]
            calls.append(copy_call(source, target, loops, target_offset=offset))
        offset += run
    return Lowered(tuple(calls))


def split(graph: Graph, source: Tensor, targets: Sequence[Tensor], outer: int) -> Lowered:
    """The reverse of ``joined``; parts that nothing reads are left where they are."""
    if len(targets) == 1:
        return copy_or_alias(source, targets[0], [Loop(source.size, 1, 1)])
    read = {i for op in graph.ops for i in op.inputs}.union(graph.outputs)
    calls = []
    offset = 0
    for target in targets:
        run = target.size // outer
        if target.id in read:
            loops = [Loop(outer, source.size // outer, run), Loop(run, 1, 1)]
            calls.append(copy_call(source, target, loops, offset))
        offset += run
    return Lowered(tuple(calls))


def fill_call(target: Tensor, element: bytes) -> KernelCall:
    """A call of tk_fill: every element of the target becomes ``element``, of 8 bytes only if its halves are equal."""
    count = target.size
    if len(element) == 8 and element[:4] == element[4:]:
        element, count = element[:4], 2 * count
    params: dict[str, ParamValue] = {
        "size": len(element),
        "count": count,
        "element": tuple(element.ljust(4, b"\0")),
    }
    return KernelCall("tk_fill", params, (Out(target.id),))
