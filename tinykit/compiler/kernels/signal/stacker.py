"""SignalStacker: some frames in a row as one."""

from __future__ import annotations

from tinykit.compiler.kernels.base import (
    In,
    KernelCall,
    LowerContext,
    Lowered,
    Out,
    ParamValue,
    State,
    lowers,
    same_types,
)
from tinykit.compiler.kernels.checks import require
from tinykit.compiler.kernels.signal.options import integers
from tinykit.compiler.kernels.signal.ports import ports, require_list, require_valid
from tinykit.graph.types import DType, Op


@lowers(
    "SignalStacker",
    types=same_types(DType.INT16),
    takes="one dimension; while frames are missing, which TFLite-Micro leaves undefined, the output is zeros",
    refuses={"a step of more frames than it stacks": "leave out frames before"},
)
def lower(ctx: LowerContext, op: Op) -> Lowered:
    (source,), (target, valid) = ports(ctx, op, 1, 2)
    channels, left, right, step = integers(
        op, "num_channels", "stacker_left_context", "stacker_right_context", "stacker_step"
    )
    total = left + right + 1
    require(
        channels > 0 and left >= 0 and right >= 0 and 0 < step <= total,
        f"it stacks {left} + 1 + {right} frames of {channels} with a step of {step}",
        "use a step of 1 to as many frames as it stacks",
    )
    require_list(source, DType.INT16, channels)
    require_list(target, DType.INT16, channels * total)
    require_valid(valid)
    params: dict[str, ParamValue] = {"channels": channels, "left": left, "total": total, "step": step}
    state = State(f"stack {op.label}", 8 + 2 * channels * (total - 1))
    args = (In(source.id), Out(target.id), Out(valid.id), state)
    return Lowered((KernelCall("tk_signal_stacker_s16", params, args),))
