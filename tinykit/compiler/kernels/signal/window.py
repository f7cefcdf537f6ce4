"""SignalWindow: samples times a window."""

from __future__ import annotations

from tinykit.compiler.kernels.base import In, KernelCall, LowerContext, Lowered, Out, ParamValue, lowers, same_types
from tinykit.compiler.kernels.checks import operands, require, require_shape
from tinykit.compiler.kernels.signal.options import AGAIN, integers
from tinykit.graph.types import DType, Op


@lowers(
    "SignalWindow",
    types=same_types(DType.INT16),
    takes="any shape whose rows are as long as the window; constant and computed windows",
    refuses={"shifts outside of 0 to 31": "choose another"},
)
def lower(ctx: LowerContext, op: Op) -> Lowered:
    source, window, target = operands(ctx, op, 2)
    (shift,) = integers(op, "shift")
    require(0 <= shift < 32, f"its shift is {shift}", "use one of 0 to 31")
    require_shape(target, source.shape, "input")
    require(
        window.dtype is DType.INT16 and len(window.shape) == 1 and source.size % window.size == 0,
        f"its window is {window.dtype.label} {list(window.shape)} and its input {list(source.shape)}",
        AGAIN,
    )
    params: dict[str, ParamValue] = {"rows": source.size // window.size, "length": window.size, "shift": shift}
    args = (In(source.id), In(window.id), Out(target.id))
    return Lowered((KernelCall("tk_signal_window_s16", params, args, in_place=((source.id, target.id),)),))
