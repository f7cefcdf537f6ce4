"""SOFTMAX over the last dimension."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from tinykit.compiler.kernels import fixed_point
from tinykit.compiler.kernels.base import (
    ConstArray,
    In,
    KernelCall,
    LowerContext,
    Lowered,
    Out,
    ParamValue,
    Refusal,
    lowers,
    same_types,
)
from tinykit.compiler.kernels.checks import (
    CONVERT_AGAIN,
    int8_quantization,
    int16_quantization,
    quantization,
    require,
    scale_multiplier,
    unary_operands,
)
from tinykit.compiler.kernels.quantize_math import (
    INT32_MAX,
    multiply_by_quantized_multiplier,
    quantize_multiplier,
)
from tinykit.graph.options import SoftmaxOptions
from tinykit.graph.types import DType, Op, Quantization, Tensor

# Differences to the row's maximum are taken in Q5.26.
_INTEGER_BITS = 5
# Sums of exponentials are in Q12.19: this many ones fit.
MAX_DEPTH = 4095

_STEPS = 512
"""Straight lines of the tables for int16."""

_OUTPUTS = {
    (DType.INT8, DType.INT8): (1 / 256, -128),
    (DType.INT8, DType.INT16): (1 / 65536, -32768),
    (DType.INT16, DType.INT16): (1 / 32768, 0),
}
"""Scale and zero point of the output."""


@lowers(
    "SOFTMAX",
    types=(*same_types(DType.INT8, DType.INT16, DType.FLOAT32), (DType.INT8, DType.INT16)),
    takes="over the last dimension; any beta",
    refuses={
        "an output of another quantization than 1/256 and -128 (int8), 1/65536 and -32768 (int8 to int16), 1/32768 and "
        "0 (int16)": "convert the model again",
        "an int16 input with a zero point": "convert the model again",
        "more than 4095 int8 or 65535 int16 classes": "use SOFTMAX in float32",
        "beta times the int8 input's scale of 2^-26 or less": "use a larger beta",
    },
)
def lower_softmax(ctx: LowerContext, op: Op) -> Lowered:
    """exp(beta * (x - max)) / sum(...). int8 as ``softmax_common.cc`` and ``reference/softmax.h`` of TFLite-Micro.

    Raises:
        Refusal: also for more than 4095 int8 classes, for which TFLite's sum overflows.
    """
    source, target = unary_operands(ctx, op)
    require(bool(source.shape) and source.size > 0, "its input has no elements to normalise", "give it a dimension")
    require(isinstance(op.options, SoftmaxOptions), "it has no beta", "convert the model again")
    assert isinstance(op.options, SoftmaxOptions)
    beta = float(np.float32(op.options.beta))
    depth = source.shape[-1]
    params = {"rows": math.prod(source.shape[:-1]), "depth": depth}
    args = (In(source.id), Out(target.id))
    in_place = ((source.id, target.id),)
    if source.dtype is DType.FLOAT32:
        return Lowered((KernelCall("tk_softmax_f32", {**params, "beta": beta}, args, in_place=in_place),))
    _require_output(source, target)
    int8 = source.dtype is DType.INT8
    most = MAX_DEPTH if int8 else 65535
    require(depth <= most, f"it has {depth} classes, more than {most}", "use SOFTMAX in float32")
    if not int8:
        require(beta >= 0, f"beta is {beta:g}", "use a positive beta")
        q_in = int16_quantization(source)
        require(q_in.zero_point == 0, f"its input has the zero point {q_in.zero_point}", CONVERT_AGAIN)
        multiplier, shift = scale_multiplier(float(q_in.scale) * beta / (10.0 / 65535.0))
        fields: dict[str, ParamValue] = {"multiplier": multiplier, "shift": shift}
        fields["exps"] = ConstArray("int16_t", _lines(np.exp, -10.0, 0.0))
        fields["reciprocals"] = ConstArray("int16_t", _lines(lambda x: 1 / (1 + x), 0.0, 1.0))
        return Lowered((KernelCall("tk_softmax_s16", {**params, **fields}, args, in_place=in_place),))
    exps = difference_exponentials(int8_quantization(source), beta)
    fields = {**params, "exps_count": len(exps), "exps": ConstArray("int32_t", exps)}
    if target.dtype is DType.INT16:
        return Lowered((KernelCall("tk_softmax_s8_s16", fields, args),))
    return Lowered((KernelCall("tk_softmax_s8", fields, args, in_place=in_place),))


def _require_output(source: Tensor, target: Tensor) -> None:
    scale, point = _OUTPUTS[source.dtype, target.dtype]
    found = quantization(target)
    near = 0.001 * scale if target.dtype is DType.INT16 else 0.0  # TFLite-Micro's tolerance
    if abs(float(found.scale) - scale) > near or found.zero_point != point:
        raise Refusal(
            f"its output has scale {found.scale} and zero point {found.zero_point}, not 1/{1 / scale:g} and {point}",
            CONVERT_AGAIN,
        )


def _lines(function: Callable[[np.ndarray], np.ndarray], low: float, high: float) -> np.ndarray:
    """A function from ``low`` to ``high`` in Q0.15, at both ends of _STEPS straight lines, as ``gen_lut`` of TFLite.

    An entry is moved by half of the line's error in its middle. All in single precision.
    """
    step = np.float32((high - low) / _STEPS)
    at = np.float32(low) + np.arange(_STEPS, dtype=np.float32) * step

    def scaled(x: np.ndarray) -> np.ndarray:
        # exp in double precision, rounded: what expf of C libraries gives
        values: np.ndarray = function(x.astype(np.float64)).astype(np.float32) * np.float32(32768)
        return values

    samples = round_half_away(scaled(at))
    ends = scaled(np.float32(low) + np.arange(1, _STEPS + 1, dtype=np.float32) * step)
    middles = round_half_away((ends + samples) / np.float32(2))
    error = middles - round_half_away(scaled(at + step / np.float32(2)))
    last = round_half_away(scaled(np.full(1, high, np.float32)))
    table = np.append(samples - round_half_away(error / np.float32(2)), last)
    clipped: np.ndarray = np.clip(table, -32768, 32767).astype(np.int16)
    return clipped


def round_half_away(x: np.ndarray) -> np.ndarray:
    """Rounded to whole numbers, ties away from zero, in the array's precision."""
    rounded: np.ndarray = np.trunc(x + np.copysign(x.dtype.type(0.5), x))
    return rounded


def difference_scaling(quant: Quantization, beta: float) -> tuple[int, int, int]:
    """Multiplier and shift from differences of int8 inputs to Q5.26, and the largest difference that fits it.

    Raises:
        Refusal: for inputs too fine for TFLite-Micro's arithmetic.
    """
    real = min(beta * float(quant.scale) * 2.0 ** (31 - _INTEGER_BITS), float(INT32_MAX))
    require(
        real > 1.0,
        f"beta {beta:g} times its input's scale {quant.scale} is too small",
        "use a larger beta; TFLite-Micro needs more than 2**-26",
    )
    multiplier, shift = quantize_multiplier(real)
    return multiplier, shift, math.floor((2**_INTEGER_BITS - 1) * 2.0 ** (31 - _INTEGER_BITS) / 2.0**shift)


def difference_exponentials(quant: Quantization, beta: float) -> np.ndarray:
    """exp(-beta * scale * d) in Q0.31 for the differences d = 0, 1, ... that can matter."""
    multiplier, shift, radius = difference_scaling(quant, beta)
    exps = []
    for difference in range(min(255, radius) + 1):
        rescaled = multiply_by_quantized_multiplier(-difference, multiplier, shift)
        value = fixed_point.exp_on_negative_values(rescaled, _INTEGER_BITS)
        # Less than half a unit of the sum (Q12.19), and far less than half a unit of the output: counts as nothing.
        if value < 1 << 11:
            break
        exps.append(value)
    return np.array(exps, dtype=np.int32)
