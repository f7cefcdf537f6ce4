"""MIRROR_PAD of any type with a memory layout."""

from __future__ import annotations

from tinykit.compiler.kernels.base import In, KernelCall, LowerContext, Lowered, Out, ParamValue, lowers
from tinykit.compiler.kernels.checks import constant, operands, require, require_shape
from tinykit.compiler.kernels.nd import MOVABLE
from tinykit.graph.options import MirrorMode, MirrorPadOptions
from tinykit.graph.types import Op

_DIMS = 5
"""TK_MIRROR_PAD_DIMS"""
_AGAIN = "convert the model again"


@lowers(
    "MIRROR_PAD",
    types=MOVABLE,
    takes="REFLECT and SYMMETRIC; a constant amount of padding, behind the end also more than there is to mirror",
    refuses={
        "an amount that is computed at run time": "make it a constant of the model",
        "more before the beginning than there is to mirror": "pad less",
        "more than five groups of dimensions that are alike padded": "pad in two steps",
    },
    float_exact=True,
)
def lower_mirror_pad(ctx: LowerContext, op: Op) -> Lowered:
    assert isinstance(op.options, MirrorPadOptions)
    source, amounts_tensor, target = operands(ctx, op, 2)
    given = constant(amounts_tensor, "amount of padding")
    rank = len(source.shape)
    require(
        given.shape == (rank, 2) and bool((given >= 0).all()) and rank > 0,
        f"its amounts of padding, {given.reshape(-1).tolist()}, do not fit {rank} dimensions",
        _AGAIN,
    )
    amounts = [(int(before), int(after)) for before, after in given]
    require_shape(target, tuple(s + a + b for s, (a, b) in zip(source.shape, amounts, strict=True)), "padding")
    skip = int(op.options.mode is MirrorMode.REFLECT)
    for size, (before, _) in zip(source.shape, amounts, strict=True):
        require(before <= size - skip, f"it mirrors {before} of {size} elements", "pad less")
    # neighbours without padding are one dimension; those at the end stay together
    dims: list[tuple[int, int, int]] = []
    for size, (before, after) in zip(source.shape, amounts, strict=True):
        if dims and dims[-1][1:] == (0, 0) == (before, after):
            dims[-1] = (dims[-1][0] * size, 0, 0)
        else:
            dims.append((size, before, after))
    run = source.nbytes // source.size
    if len(dims) > 1 and dims[-1][1:] == (0, 0):
        run *= dims.pop()[0]
    require(len(dims) <= _DIMS, f"it pads {len(dims)} groups of dimensions", "pad in two steps")
    dims = [(1, 0, 0)] * (_DIMS - len(dims)) + dims
    params: dict[str, ParamValue] = {
        "run": run,
        "skip": skip,
        "size": tuple(size for size, _, _ in dims),
        "before": tuple(before for _, before, _ in dims),
        "padded": tuple(sum(dim) for dim in dims),
    }
    return Lowered((KernelCall("tk_mirror_pad", params, (In(source.id), Out(target.id))),))
