"""SELECT_V2."""

from __future__ import annotations

from tinykit.compiler.kernels.arithmetic import BROADCAST_REFUSES
from tinykit.compiler.kernels.base import In, KernelCall, LowerContext, Lowered, Out, ParamValue, lowers, same_types
from tinykit.compiler.kernels.broadcast import merged_loops, strides
from tinykit.compiler.kernels.checks import CONVERT_AGAIN, operands, require
from tinykit.compiler.kernels.overlap import elementwise_overlap
from tinykit.graph.types import DType, Op

_KERNELS = {DType.INT8: "tk_select_8", DType.INT16: "tk_select_16", DType.FLOAT32: "tk_select_32"}
# TK_SELECT_LOOPS
_LOOPS = 5


@lowers(
    "SELECT_V2",
    types=same_types(*_KERNELS),
    takes="broadcasting; constants; quantized numbers are not rescaled",
    refuses=BROADCAST_REFUSES,
    float_exact=True,
    works_on=1,
)
def lower(ctx: LowerContext, op: Op) -> Lowered:
    """As ``select.cc`` of TFLite-Micro."""
    condition, x, y, target = inputs = operands(ctx, op, 3)
    require(condition.dtype is DType.BOOL, f"its condition is {condition.dtype.label}", CONVERT_AGAIN)
    require(x.dtype is y.dtype, f"its operands are {x.dtype.label} and {y.dtype.label}", CONVERT_AGAIN)
    # single elements may be of any rank
    loops = merged_loops(target, condition, x, y) if any(t.size > 1 for t in inputs) else []
    require(
        len(loops) <= _LOOPS,
        f"broadcasting its shapes takes {len(loops)} nested loops",
        "rearrange the dimensions",
    )
    loops += [(1, (False, False, False))] * (_LOOPS - len(loops))
    steps = [strides([(size, advances[i]) for size, advances in loops]) for i in range(3)]
    params: dict[str, ParamValue] = {
        "count": tuple(size for size, _ in loops),
        "step_condition": steps[0],
        "step_x": steps[1],
        "step_y": steps[2],
    }
    whole = {t.id: t for t in (condition, x, y) if t.size == target.size}
    call = KernelCall(
        _KERNELS[target.dtype],
        params,
        (In(condition.id), In(x.id), In(y.id), Out(target.id)),
        overlaps=tuple(elementwise_overlap(t, target) for t in whole.values()),
    )
    return Lowered((call,))
