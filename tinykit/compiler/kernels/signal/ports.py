"""What the signal library's operators are connected to."""

from __future__ import annotations

from tinykit.compiler.kernels.base import LowerContext
from tinykit.compiler.kernels.checks import require
from tinykit.compiler.kernels.signal.options import AGAIN
from tinykit.graph.types import DType, Op, Tensor


def ports(ctx: LowerContext, op: Op, inputs: int, outputs: int) -> tuple[list[Tensor], list[Tensor]]:
    """Inputs and outputs of an operator with several outputs; refused when it has other numbers of them."""
    require(
        len(op.inputs) == inputs and len(op.outputs) == outputs and min(op.inputs) >= 0,
        f"it has {len(op.inputs)} inputs and {len(op.outputs)} outputs instead of {inputs} and {outputs}",
        AGAIN,
    )
    return [ctx.graph.tensor(i) for i in op.inputs], [ctx.graph.tensor(i) for i in op.outputs]


def require_list(tensor: Tensor, dtype: DType, length: int | None = None) -> None:
    """Refuse a tensor that is no list of a type (and length)."""
    expected = f"{dtype.label} [{'any' if length is None else length}]"
    require(
        tensor.dtype is dtype and len(tensor.shape) == 1 and length in (None, tensor.size),
        f"its tensor {tensor.name!r} is {tensor.dtype.label} {list(tensor.shape)} instead of {expected}",
        AGAIN,
    )


def require_shift(value: int, name: str, below: int) -> None:
    """Refuse a number of places that TFLite-Micro's shift has no defined result for."""
    require(0 <= value < below, f"its option {name} is {value}", f"use one of 0 to {below - 1}")


def require_valid(tensor: Tensor) -> None:
    """Refuse what is not one bool without dimensions."""
    require(
        tensor.dtype is DType.BOOL and tensor.shape == (),
        f"what says whether its output is valid is {tensor.dtype.label} {list(tensor.shape)} instead of bool []",
        AGAIN,
    )
