"""EQUAL, NOT_EQUAL, GREATER, GREATER_EQUAL, LESS and LESS_EQUAL."""

from __future__ import annotations

from tinykit.compiler.kernels.arithmetic import BROADCAST_REFUSES, BinaryOp, two_operands
from tinykit.compiler.kernels.base import LowerContext, Lowered, ParamValue, Types, lowers
from tinykit.compiler.kernels.checks import int8_quantization, require, scale_multiplier
from tinykit.graph.types import DType, Op

_KERNELS = {
    DType.BOOL: "tk_compare_s8",
    DType.FLOAT32: "tk_compare_f32",
    DType.INT32: "tk_compare_s32",
    DType.INT64: "tk_compare_s64",
}
# The result for (first < second, first == second, first > second, not comparable)
_RELATIONS = {
    "EQUAL": (0, 1, 0, 0),
    "NOT_EQUAL": (1, 0, 1, 1),
    "GREATER": (0, 0, 1, 0),
    "GREATER_EQUAL": (0, 1, 1, 0),
    "LESS": (1, 0, 0, 0),
    "LESS_EQUAL": (1, 1, 0, 0),
}
# Scales from which on different int8 values stay different numbers after TFLite's rounding, in steps of 2^-8.
_DISTINCT = 1 / 128


def _types(*dtypes: DType) -> Types:
    return tuple((dtype, DType.BOOL) for dtype in dtypes)


_NUMBERS = (DType.INT8, DType.FLOAT32, DType.INT32, DType.INT64)
_TAKES = "broadcasting; constants; int8 is rescaled"
_REFUSES = {**BROADCAST_REFUSES, "int8 scales of 1 or more": "quantize the model again"}


@lowers("EQUAL", "NOT_EQUAL", types=_types(*_NUMBERS, DType.BOOL), takes=_TAKES, refuses=_REFUSES, float_exact=True)
def lower_equal(ctx: LowerContext, op: Op) -> Lowered:
    """As ``comparisons.cc`` of TFLite-Micro."""
    return _lower(ctx, op)


_GREATER = {"int16, which TFLite-Micro computes from uninitialized memory": "use int8"}


@lowers("GREATER", types=_types(*_NUMBERS), takes=_TAKES, refuses={**_REFUSES, **_GREATER}, float_exact=True)
@lowers(
    "GREATER_EQUAL", "LESS", "LESS_EQUAL", types=_types(*_NUMBERS), takes=_TAKES, refuses=_REFUSES, float_exact=True
)
def lower_order(ctx: LowerContext, op: Op) -> Lowered:
    """The same, of what is ordered."""
    return _lower(ctx, op)


def _lower(ctx: LowerContext, op: Op) -> Lowered:
    pair = two_operands(ctx, op)
    less, equal, greater, neither = _RELATIONS[op.kind]
    less, greater = pair.in_order(less, greater)
    params: dict[str, ParamValue] = {"relation": less | equal << 1 | greater << 2 | neither << 3}
    if pair.dtype is DType.INT8:
        return _lower_int8(pair, params)
    return pair.call(_KERNELS[pair.dtype], params)


def _lower_int8(pair: BinaryOp, params: dict[str, ParamValue]) -> Lowered:
    """Both operands on the scale of 2**-8 steps, rounded as TFLite does."""
    first, second = int8_quantization(pair.first), int8_quantization(pair.second)
    for quant in (first, second):
        require(bool(quant.scale < 1), f"its input has the scale {quant.scale}, 1 or more", "quantize the model again")
    same = (first.scale, first.zero_point) == (second.scale, second.zero_point)
    if same and first.scale >= _DISTINCT:
        return pair.call("tk_compare_s8", params)
    for quant, name in zip((first, second), pair.in_order("a", "b"), strict=True):
        multiplier, shift = scale_multiplier(float(quant.scale))
        params |= {f"zero_{name}": quant.zero_point, f"multiplier_{name}": multiplier, f"shift_{name}": -shift}
    return pair.call("tk_compare_rescale_s8", params)
