"""SignalFramer: rows of samples as frames that overlap."""

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
from tinykit.compiler.kernels.checks import require, require_shape
from tinykit.compiler.kernels.signal.options import AGAIN, integers
from tinykit.compiler.kernels.signal.ports import ports, require_valid
from tinykit.graph.types import DType, Op


@lowers(
    "SignalFramer",
    types=same_types(DType.INT16),
    takes="any shape; frames of which samples are missing, which TFLite-Micro leaves undefined, are zeros",
    refuses={"frames that are shorter than their step and prefilled": "do not prefill"},
)
def lower(ctx: LowerContext, op: Op) -> Lowered:
    (source,), (target, valid) = ports(ctx, op, 1, 2)
    size, step, prefill = integers(op, "frame_size", "frame_step", "prefill")
    row = source.shape[-1] if source.shape else 0
    require(
        size > 0 and step > 0 and row > 0 and row % step == 0,
        f"it makes frames of {size} with a step of {step} from rows of {row}",
        AGAIN,
    )
    require(not prefill or size >= step, f"its frames of {size} are prefilled and have a step of {step}", AGAIN)
    frames = row // step
    require_shape(target, (*source.shape[:-1], frames, size), "input, size and step")
    require_valid(valid)
    prefilled = size - step if prefill else 0
    # all but the newest step of the samples that the first frame waits for
    capacity = prefilled if prefill else -(-size // step) * step - step
    rows = source.size // row
    params: dict[str, ParamValue] = {
        "rows": rows,
        "frames": frames,
        "step": step,
        "size": size,
        "capacity": capacity,
        "prefilled": prefilled,
    }
    state = State(f"frames {op.label}", 4 + 2 * rows * capacity)
    args = (In(source.id), Out(target.id), Out(valid.id), state)
    return Lowered((KernelCall("tk_signal_framer_s16", params, args),))
