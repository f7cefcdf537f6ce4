"""SignalEnergy: squared magnitudes of a spectrum."""

from __future__ import annotations

from tinykit.compiler.kernels.base import In, KernelCall, LowerContext, Lowered, Out, lowers
from tinykit.compiler.kernels.checks import operands, require
from tinykit.compiler.kernels.signal.options import AGAIN, integers
from tinykit.compiler.kernels.signal.ports import require_list
from tinykit.graph.types import DType, Op


@lowers(
    "SignalEnergy",
    types=((DType.INT16, DType.UINT32),),
    takes="one dimension; frequencies outside of its range, which TFLite-Micro leaves undefined, have the energy 0",
    refuses={"a range that is not in input and output": "convert the model again"},
)
def lower(ctx: LowerContext, op: Op) -> Lowered:
    source, target = operands(ctx, op, 1)
    end, start = integers(op, "end_index", "start_index")
    require_list(source, DType.INT16)
    require_list(target, DType.UINT32)
    require(
        2 * target.size <= source.size and 0 <= start <= end <= target.size,
        f"it goes from {start} to {end}, with an input of {source.size} and an output of {target.size}",
        AGAIN,
    )
    params = {"count": target.size, "start": start, "end": end}
    # both have 4 bytes for each frequency
    args = (In(source.id), Out(target.id))
    in_place = ((source.id, target.id),) if 2 * target.size == source.size else ()
    return Lowered((KernelCall("tk_signal_energy_s16", params, args, in_place=in_place),))
