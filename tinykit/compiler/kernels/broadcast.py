"""Broadcasting of two operands, reduced to the loops of ``tk_broadcast.h``."""

from __future__ import annotations

from dataclasses import dataclass

from tinykit.compiler.kernels.base import ParamValue, Refusal
from tinykit.graph.types import Tensor

# TK_BROADCAST_DIMS: loops around a row
_OUTER = 4


@dataclass(frozen=True)
class Broadcast:
    """Loops over the output in order: ``row`` elements at a time, within up to four outer loops, innermost first.

    A step or stride is 0 where the operand is repeated. ``swapped`` says that operand a is the op's second input:
    a is never the one that is repeated along a row.
    """

    row: int
    step_b: int
    count: tuple[int, ...]
    stride_a: tuple[int, ...]
    stride_b: tuple[int, ...]
    swapped: bool

    def params(self) -> dict[str, ParamValue]:
        """The fields of TK_BROADCAST_PARAMS."""
        return {
            "row": self.row,
            "step_b": self.step_b,
            "count": self.count,
            "stride_a": self.stride_a,
            "stride_b": self.stride_b,
        }


def plan_broadcast(first: Tensor, second: Tensor, output: Tensor) -> Broadcast:
    """Merge dimensions that are repeated alike, so that most cases are one row or rows in one loop.

    Raises:
        Refusal: when the shapes do not broadcast to the output's, or alternate in more than five ways.
    """
    loops = [(size, in_first, in_second) for size, (in_first, in_second) in merged_loops(output, first, second)]
    if not loops:
        loops.append((1, True, True))
    if len(loops) > _OUTER + 1:
        raise Refusal(
            f"broadcasting the shapes {list(first.shape)} and {list(second.shape)} takes {len(loops)} nested loops",
            "rearrange the dimensions",
        )
    swapped = not loops[0][1]
    if swapped:
        loops = [(size, in_second, in_first) for size, in_first, in_second in loops]
    outer = loops[1:] + [(1, False, False)] * (_OUTER - len(loops) + 1)
    return Broadcast(
        row=loops[0][0],
        step_b=int(loops[0][2]),
        count=tuple(size for size, _, _ in outer),
        stride_a=strides([(size, a) for size, a, _ in [loops[0], *outer]])[1:],
        stride_b=strides([(size, b) for size, _, b in [loops[0], *outer]])[1:],
        swapped=swapped,
    )


def merged_loops(output: Tensor, *inputs: Tensor) -> list[tuple[int, tuple[bool, ...]]]:
    """Loops over the output, innermost first: iterations, and which inputs advance. Dimensions along which the same
    inputs are repeated are one loop.

    Raises:
        Refusal: when the shapes do not broadcast to the output's.
    """
    if merged_shape(*(t.shape for t in inputs)) != output.shape:
        shapes = " and ".join(str(list(t.shape)) for t in inputs)
        raise Refusal(f"its inputs {shapes} do not broadcast to {list(output.shape)}", "convert the model again")
    return merge_dimensions(*(t.shape for t in inputs))


def merge_dimensions(*shapes: tuple[int, ...]) -> list[tuple[int, tuple[bool, ...]]]:
    """The same of shapes that broadcast."""
    loops: list[tuple[int, tuple[bool, ...]]] = []
    for sizes in reversed(_aligned(shapes)):
        size = max(sizes)
        if size == 1:
            continue
        advances = tuple(s != 1 for s in sizes)
        if loops and loops[-1][1] == advances:
            loops[-1] = (loops[-1][0] * size, advances)
        else:
            loops.append((size, advances))
    return loops


def merged_shape(*shapes: tuple[int, ...]) -> tuple[int, ...] | None:
    """What shapes broadcast to, or None."""
    sizes = _aligned(shapes)
    if any(len({s for s in dimension if s != 1}) > 1 for dimension in sizes):
        return None
    return tuple(next((s for s in dimension if s != 1), 1) for dimension in sizes)


def _aligned(shapes: tuple[tuple[int, ...], ...]) -> list[tuple[int, ...]]:
    """The sizes of all shapes along each dimension, 1 where one has fewer."""
    rank = max(len(shape) for shape in shapes)
    return list(zip(*((1,) * (rank - len(shape)) + shape for shape in shapes), strict=True))


def strides(loops: list[tuple[int, bool]]) -> tuple[int, ...]:
    """Elements that an operand advances per iteration of each loop, innermost first; 0 where it is repeated."""
    steps = []
    size = 1
    for count, advances in loops:
        steps.append(size if advances else 0)
        if advances:
            size *= count
    return tuple(steps)
