"""SignalPCAN: automatic gain control of each channel by its noise."""

from __future__ import annotations

from tinykit.compiler.kernels.base import In, KernelCall, LowerContext, Lowered, Out, lowers, same_types
from tinykit.compiler.kernels.checks import operands, require
from tinykit.compiler.kernels.signal.options import AGAIN, integers
from tinykit.compiler.kernels.signal.ports import require_list, require_shift
from tinykit.graph.types import DType, Op

_GAINS = 125
"""Numbers of a table for all of uint32."""


@lowers(
    "SignalPCAN",
    types=same_types(DType.UINT32),
    takes="one dimension",
    refuses={
        "tables of gains with fewer than 125 numbers": "convert the model again",
        "shifts outside of 0 to 63": "choose others",
    },
)
def lower(ctx: LowerContext, op: Op) -> Lowered:
    source, noise, gains, target = operands(ctx, op, 3)
    (shift,) = integers(op, "snr_shift")
    require_list(source, DType.UINT32)
    for tensor in (noise, target):
        require_list(tensor, DType.UINT32, source.size)
    require_list(gains, DType.INT16)
    require(gains.size >= _GAINS, f"its table of gains has {gains.size} numbers instead of {_GAINS}", AGAIN)
    require_shift(shift, "snr_shift", 64)
    args = (In(source.id), In(noise.id), In(gains.id), Out(target.id))
    in_place = ((source.id, target.id), (noise.id, target.id))
    params = {"channels": source.size, "snr_shift": shift}
    return Lowered((KernelCall("tk_signal_pcan_u32", params, args, in_place=in_place),))
