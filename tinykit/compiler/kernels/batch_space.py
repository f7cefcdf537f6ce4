"""BATCH_TO_SPACE_ND and SPACE_TO_BATCH_ND of any type with a memory layout."""

from __future__ import annotations

import math

from tinykit.compiler.kernels.base import In, KernelCall, LowerContext, Lowered, Out, ParamValue, lowers
from tinykit.compiler.kernels.checks import constant, operands, require
from tinykit.compiler.kernels.nd import MOVABLE
from tinykit.graph.types import Op, Tensor

_AGAIN = "convert the model again"
_TAKES = "3 or 4 dimensions; any constant blocks"
_CONSTANTS = "make it a constant of the model"


@lowers(
    "BATCH_TO_SPACE_ND",
    types=MOVABLE,
    takes=f"{_TAKES} and crops; int8 is never rescaled",
    refuses={"blocks or crops that are computed at run time": _CONSTANTS},
    float_exact=True,
)
def lower_batch_to_space(ctx: LowerContext, op: Op) -> Lowered:
    source, _, _, target = operands(ctx, op, 3)
    params = _params(ctx, op, source, target)
    return Lowered((KernelCall("tk_batch_to_space", params, (In(source.id), Out(target.id))),))


@lowers(
    "SPACE_TO_BATCH_ND",
    types=MOVABLE,
    takes=f"{_TAKES} and paddings; int8 is never rescaled, and padded with 0 whatever its zero point, as TFLite-Micro "
    "does",
    refuses={"blocks or paddings that are computed at run time": _CONSTANTS},
    float_exact=True,
)
def lower_space_to_batch(ctx: LowerContext, op: Op) -> Lowered:
    source, _, _, target = operands(ctx, op, 3)
    params = _params(ctx, op, target, source)
    height, width = _size(source)
    out_height, out_width = _size(target)
    params |= {"height": height, "width": width, "out_height": out_height, "out_width": out_width}
    return Lowered((KernelCall("tk_space_to_batch", params, (In(source.id), Out(target.id))),))


def _params(ctx: LowerContext, op: Op, batch: Tensor, space: Tensor) -> dict[str, ParamValue]:
    """Of both operators: ``batch`` has the many images, ``space`` the large ones. Sizes are from one to the other."""
    rank = len(batch.shape)
    require(len(space.shape) == rank in (3, 4), f"its input has {rank} dimensions instead of 3 or 4", _AGAIN)
    _, blocks_tensor, margins_tensor, _ = operands(ctx, op, 3)
    blocks = [int(v) for v in constant(blocks_tensor, "list of blocks").reshape(-1)]
    margins = [int(v) for v in constant(margins_tensor, "list of crops or paddings").reshape(-1)]
    require(
        len(blocks) == rank - 2 and len(margins) == 2 * (rank - 2) and min(blocks) > 0 and min(margins) >= 0,
        f"its blocks {blocks} and margins {margins} do not fit {rank - 2} dimensions",
        _AGAIN,
    )
    if rank == 3:
        blocks, margins = [*blocks, 1], [*margins, 0, 0]
    (height, width), (out_height, out_width) = _size(batch), _size(space)
    require(
        batch.shape[0] == space.shape[0] * math.prod(blocks)
        and batch.shape[-1] == space.shape[-1]
        and height * blocks[0] == out_height + margins[0] + margins[1]
        and width * blocks[1] == out_width + margins[2] + margins[3],
        f"{list(batch.shape)} and {list(space.shape)} do not fit blocks of {blocks} and margins of {margins}",
        _AGAIN,
    )
    return {
        "images": space.shape[0],
        "height": height,
        "width": width,
        "out_height": out_height,
        "out_width": out_width,
        "block_height": blocks[0],
        "block_width": blocks[1],
        "top": margins[0],
        "left": margins[2],
        "run": batch.shape[-1] * (batch.nbytes // batch.size),
    }


def _size(tensor: Tensor) -> tuple[int, int]:
    """Height and width, which is 1 with 3 dimensions."""
    return tensor.shape[1], tensor.shape[2] if len(tensor.shape) == 4 else 1
