"""DEPTH_TO_SPACE and SPACE_TO_DEPTH of any type with a memory layout, as copies."""

from __future__ import annotations

from tinykit.compiler.kernels.base import LowerContext, Lowered, lowers
from tinykit.compiler.kernels.checks import operands, require, require_shape
from tinykit.compiler.kernels.nd import MOVABLE, Loop, copy_or_alias, row_major_strides
from tinykit.graph.options import BlockOptions
from tinykit.graph.types import Op, Tensor

_AGAIN = "convert the model again"


@lowers("DEPTH_TO_SPACE", types=MOVABLE, takes="4 dimensions; any block size", refuses={}, float_exact=True)
def lower_depth_to_space(ctx: LowerContext, op: Op) -> Lowered:
    source, target = operands(ctx, op, 1)
    return copy_or_alias(source, target, _loops(op, source, target))


@lowers("SPACE_TO_DEPTH", types=MOVABLE, takes="4 dimensions; any block size", refuses={}, float_exact=True)
def lower_space_to_depth(ctx: LowerContext, op: Op) -> Lowered:
    source, target = operands(ctx, op, 1)
    back = _loops(op, target, source)
    return copy_or_alias(source, target, [Loop(loop.count, loop.target, loop.source) for loop in back])


def _loops(op: Op, deep: Tensor, wide: Tensor) -> list[Loop]:
    """From blocks that lie in the depth of a tensor to those that lie in its rows and columns."""
    assert isinstance(op.options, BlockOptions)
    block = op.options.size
    ranks = len(deep.shape) == len(wide.shape) == 4
    require(ranks and block > 0, f"its block is {block}, its input has {len(deep.shape)} dimensions", _AGAIN)
    batch, height, width, _ = deep.shape
    depth = wide.shape[3]
    require_shape(wide, (batch, height * block, width * block, depth), "block size")
    require_shape(deep, (batch, height, width, depth * block * block), "block size")
    row, column = row_major_strides(deep.shape)[1:3]
    wide_row, wide_column = row_major_strides(wide.shape)[1:3]
    run = block * depth
    return [
        Loop(batch * height, row, wide_row * block),
        Loop(block, run, wide_row),
        Loop(width, column, wide_column * block),
        Loop(run, 1, 1),
    ]
