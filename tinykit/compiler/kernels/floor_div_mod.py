"""FLOOR_DIV and FLOOR_MOD."""

from __future__ import annotations

import numpy as np

from tinykit.compiler.kernels.arithmetic import BROADCAST_REFUSES, two_operands
from tinykit.compiler.kernels.base import LowerContext, Lowered, lowers, same_types
from tinykit.compiler.kernels.checks import require
from tinykit.graph.types import DType, Op

_FLOAT = same_types(DType.FLOAT32)


@lowers(
    "FLOOR_DIV",
    types=_FLOAT,
    takes="broadcasting; constants; a computed divisor of 0, at which TFLite-Micro stops, gives infinity or NaN",
    refuses={**BROADCAST_REFUSES, "a constant divisor that contains 0": "leave it out"},
    float_exact=True,
)
def lower_div(ctx: LowerContext, op: Op) -> Lowered:
    pair = two_operands(ctx, op)
    data = pair.second.data
    require(data is None or bool(np.all(data != 0)), "its constant divisor contains 0", "leave it out")
    return pair.call("tk_floor_div_f32", {"swapped": int(pair.broadcast.swapped)})


@lowers("FLOOR_MOD", types=_FLOAT, takes="broadcasting; constants", refuses=BROADCAST_REFUSES, float_exact=True)
def lower_mod(ctx: LowerContext, op: Op) -> Lowered:
    pair = two_operands(ctx, op)
    return pair.call("tk_floor_mod_f32", {"swapped": int(pair.broadcast.swapped)})
