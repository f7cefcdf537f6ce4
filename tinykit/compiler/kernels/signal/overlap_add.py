"""SignalOverlapAdd: rows of samples from frames that overlap."""

from __future__ import annotations

from tinykit.compiler.kernels.base import In, KernelCall, LowerContext, Lowered, Out, State, lowers, same_types
from tinykit.compiler.kernels.checks import operands, require, require_shape
from tinykit.compiler.kernels.signal.options import AGAIN, integers
from tinykit.graph.types import DType, Op


@lowers(
    "SignalOverlapAdd",
    types=same_types(DType.INT16, DType.FLOAT32),
    takes="two dimensions or more",
    refuses={"steps that are longer than a frame": "use shorter ones"},
    float_exact=True,
)
def lower(ctx: LowerContext, op: Op) -> Lowered:
    source, target = operands(ctx, op, 1)
    kind, step = integers(op, "T", "frame_step")
    require(kind == source.dtype.value, f"its type is {kind} and its input {source.dtype.label}", AGAIN)
    require(len(source.shape) >= 2, f"its input is {list(source.shape)}", AGAIN)
    *outer, frames, size = source.shape
    require(0 < step <= size, f"its step is {step}, its frames have {size}", "use a step of 1 to the frame's length")
    require_shape(target, (*outer, frames * step), "input and step")
    rows = source.size // (frames * size)
    params = {"rows": rows, "frames": frames, "size": size, "step": step}
    element = source.nbytes // source.size
    # frames that do not overlap keep nothing; a state has a byte at least
    state = State(f"overlap {op.label}", max(1, rows * (size - step) * element))
    suffix = "s16" if source.dtype is DType.INT16 else "f32"
    args = (In(source.id), Out(target.id), state)
    return Lowered((KernelCall(f"tk_signal_overlap_add_{suffix}", params, args),))
