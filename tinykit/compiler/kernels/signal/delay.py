"""SignalDelay: rows of samples, later."""

from __future__ import annotations

from tinykit.compiler.kernels.base import In, KernelCall, LowerContext, Lowered, Out, State, lowers, same_types
from tinykit.compiler.kernels.checks import require, unary_operands
from tinykit.compiler.kernels.nd import Loop, copy_or_alias
from tinykit.compiler.kernels.signal.options import AGAIN, integers
from tinykit.graph.types import DType, Op


@lowers("SignalDelay", types=same_types(DType.INT16), takes="any shape", refuses={})
def lower(ctx: LowerContext, op: Op) -> Lowered:
    source, target = unary_operands(ctx, op)
    (delay,) = integers(op, "delay_length")
    require(delay >= 0 and bool(source.shape), f"its delay is {delay} and its input {list(source.shape)}", AGAIN)
    if delay == 0:
        return copy_or_alias(source, target, [Loop(source.size, 1, 1)])
    rows = source.size // source.shape[-1]
    params = {"rows": rows, "length": source.shape[-1], "delay": delay}
    args = (In(source.id), Out(target.id), State(f"delay {op.label}", 4 + 2 * rows * delay))
    return Lowered((KernelCall("tk_signal_delay_s16", params, args, in_place=((source.id, target.id),)),))
