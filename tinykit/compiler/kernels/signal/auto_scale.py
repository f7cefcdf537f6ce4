"""SignalFftAutoScale: shifts samples up by as many bits as the largest has to spare."""

from __future__ import annotations

from tinykit.compiler.kernels.base import In, KernelCall, LowerContext, Lowered, Out, lowers, same_types
from tinykit.compiler.kernels.checks import require
from tinykit.compiler.kernels.signal.options import AGAIN
from tinykit.compiler.kernels.signal.ports import ports
from tinykit.graph.types import DType, Op


@lowers(
    "SignalFftAutoScale",
    types=same_types(DType.INT16),
    takes="one dimension; a row with -32768 is scaled by what follows that, as in TFLite-Micro",
    refuses={},
)
def lower(ctx: LowerContext, op: Op) -> Lowered:
    (source,), (target, bits) = ports(ctx, op, 1, 2)
    require(
        len(source.shape) == 1 and target.shape == source.shape and bits.shape == () and bits.dtype is DType.INT32,
        f"its input is {list(source.shape)}, its outputs are {list(target.shape)} and {bits.dtype.label} "
        f"{list(bits.shape)}",
        AGAIN,
    )
    args = (In(source.id), Out(target.id), Out(bits.id))
    call = KernelCall("tk_signal_auto_scale_s16", {"count": source.size}, args, in_place=((source.id, target.id),))
    return Lowered((call,))
