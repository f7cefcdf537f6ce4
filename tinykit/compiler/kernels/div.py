"""DIV."""

from __future__ import annotations

import numpy as np

from tinykit.compiler.kernels.arithmetic import BINARY_REFUSES, BinaryOp, binary_op, integer_clamp
from tinykit.compiler.kernels.base import LowerContext, Lowered, ParamValue, lowers, same_types
from tinykit.compiler.kernels.checks import float_clamp, require, scale_multiplier
from tinykit.graph.types import DType, Op

# Left shifts of the result for which those of all quotients stay between 0 and 63 bits to the right.
_SHIFTS = range(-25, 24)


@lowers(
    "DIV",
    types=same_types(DType.INT8, DType.FLOAT32, DType.INT32),
    takes="broadcasting; constants; int8 quotients near 0 are wrong in the same way as TFLite-Micro's on x86; integers "
    "by 0 give 0",
    refuses={
        **BINARY_REFUSES,
        "an integer constant divisor that contains 0": "leave it out",
        "int8 scales that differ by a factor of 2^23 or more": "quantize the model again",
    },
    float_exact=True,
)
def lower(ctx: LowerContext, op: Op) -> Lowered:
    """As ``div.cc`` and ``reference/div.h`` of TFLite-Micro, which divides integers by 0 with no defined result."""
    pair = binary_op(ctx, op)
    params: dict[str, ParamValue] = {"swapped": int(pair.broadcast.swapped)}
    if pair.dtype is DType.FLOAT32:
        low, high = float_clamp(pair.activation)
        return pair.call("tk_div_f32", params | {"low": low, "high": high})
    if pair.dtype is DType.INT32:
        _require_divisor(pair, 0)
        least, most = integer_clamp(pair.activation)
        return pair.call("tk_div_s32", params | {"low": least, "high": most})
    first, second, output = pair.quantizations()
    _require_divisor(pair, second.zero_point)
    least, most = pair.clamp()
    # in double precision, as measured; versions of div.cc before 2026 took single precision
    real = float(first.scale) / (float(second.scale) * float(output.scale))
    multiplier, shift = scale_multiplier(real)
    require(
        shift in _SHIFTS and multiplier != 0,
        f"its scales {first.scale}, {second.scale} and {output.scale} are too far apart",
        "quantize the model again",
    )
    params |= {
        "zero_first": first.zero_point,
        "zero_second": second.zero_point,
        "zero": output.zero_point,
        "multiplier": multiplier,
        "shift": shift,
        "low": least,
        "high": most,
    }
    return pair.call("tk_div_s8", params)


def _require_divisor(pair: BinaryOp, zero: int) -> None:
    data = pair.second.data
    require(data is None or not bool(np.any(data == zero)), "its constant divisor contains 0", "leave it out")
