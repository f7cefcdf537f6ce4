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
    rank = max(len(first.shape), len(second.shape))
    one = (1,) * (rank - len(first.shape)) + first.shape
    two = (1,) * (rank - len(second.shape)) + second.shape
    if any(x != y and 1 not in (x, y) for x, y in zip(one, two, strict=True)) or output.shape != tuple(
        y if x == 1 else x for x, y in zip(one, two, strict=True)
    ):
        raise Refusal(
            f"its inputs {list(first.shape)} and {list(second.shape)} do not broadcast to {list(output.shape)}",
            "convert the model again",
        )
    # (elements, first advances, second advances), innermost loop first
    loops: list[tuple[int, bool, bool]] = []
    for x, y in zip(reversed(one), reversed(two), strict=True):
        if x == y == 1:
            continue
        kind = (x != 1 or x == y, y != 1 or x == y)
        size = y if x == 1 else x
        if loops and loops[-1][1:] == kind:
            loops[-1] = (loops[-1][0] * size, *kind)
        else:
            loops.append((size, *kind))
    if not loops:
        loops.append((1, True, True))
    if len(loops) > _OUTER + 1:
        raise Refusal(
            f"broadcasting {list(first.shape)} and {list(second.shape)} takes {len(loops)} nested loops",
            f"rearrange dimensions so that at most {_OUTER + 1} groups of them alternate",
        )
    swapped = not loops[0][1]
    if swapped:
        loops = [(size, in_second, in_first) for size, in_first, in_second in loops]
    outer = loops[1:] + [(1, False, False)] * (_OUTER - len(loops) + 1)
    return Broadcast(
        row=loops[0][0],
        step_b=int(loops[0][2]),
        count=tuple(size for size, _, _ in outer),
        stride_a=_strides([(loops[0][0], loops[0][1]), *((size, a) for size, a, _ in outer)]),
        stride_b=_strides([(loops[0][0], loops[0][2]), *((size, b) for size, _, b in outer)]),
        swapped=swapped,
    )


def _strides(loops: list[tuple[int, bool]]) -> tuple[int, ...]:
    """Elements to advance per iteration of each loop but the first."""
    strides = []
    size = 1
    for count, advances in loops:
        strides.append(size if advances else 0)
        if advances:
            size *= count
    return tuple(strides[1:])
