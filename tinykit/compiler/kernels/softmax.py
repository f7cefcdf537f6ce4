"""SOFTMAX over the last dimension."""

from __future__ import annotations

import math

import numpy as np

from tinykit.compiler.kernels import fixed_point
from tinykit.compiler.kernels.base import ConstArray, In, KernelCall, LowerContext, Lowered, Out, Refusal, lowers
from tinykit.compiler.kernels.checks import CONVERT_AGAIN, int8_quantization, require, unary_operands
from tinykit.compiler.kernels.quantize_math import (
    INT32_MAX,
    multiply_by_quantized_multiplier,
    quantize_multiplier,
)
from tinykit.graph.options import SoftmaxOptions
from tinykit.graph.types import DType, Op, Quantization

# Differences to the row's maximum are taken in Q5.26.
_INTEGER_BITS = 5
# Sums of exponentials are in Q12.19: this many ones fit.
_MAX_DEPTH = 4095


@lowers(
    "SOFTMAX",
    takes="over the last dimension; any beta",
    refuses={
        "an int8 output of another quantization than scale 1/256, zero point -128": "convert the model again",
        "more than 4095 int8 classes": "use SOFTMAX in float32",
        "beta times the int8 input's scale of 2^-26 or less": "use a larger beta",
    },
)
def lower_softmax(ctx: LowerContext, op: Op) -> Lowered:
    """exp(beta * (x - max)) / sum(...). int8 as ``softmax_common.cc`` and ``reference/softmax.h`` of TFLite-Micro:
    the output has scale 1/256 and zero point -128.

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
    q_in, q_out = int8_quantization(source), int8_quantization(target)
    if q_out.scale != np.float32(1.0 / 256.0) or q_out.zero_point != -128:
        raise Refusal(
            f"its output has scale {q_out.scale} and zero point {q_out.zero_point}, not 1/256 and -128", CONVERT_AGAIN
        )
    require(depth <= _MAX_DEPTH, f"it has {depth} classes, more than {_MAX_DEPTH}", "use SOFTMAX in float32")
    exps = _exponentials(q_in, beta)
    call = KernelCall(
        "tk_softmax_s8",
        {**params, "exps_count": len(exps), "exps": ConstArray("int32_t", exps)},
        args,
        in_place=in_place,
    )
    return Lowered((call,))


def _exponentials(quant: Quantization, beta: float) -> np.ndarray:
    """exp(-beta * scale * d) in Q0.31 for the differences d = 0, 1, ... that can matter."""
    real = min(beta * float(quant.scale) * 2.0 ** (31 - _INTEGER_BITS), float(INT32_MAX))
    require(
        real > 1.0,
        f"beta {beta:g} times its input's scale {quant.scale} is too small",
        "use a larger beta; TFLite-Micro needs more than 2**-26",
    )
    multiplier, shift = quantize_multiplier(real)
    radius = math.floor((2**_INTEGER_BITS - 1) * 2.0 ** (31 - _INTEGER_BITS) / 2.0**shift)
    exps = []
    for difference in range(min(255, radius) + 1):
        rescaled = multiply_by_quantized_multiplier(-difference, multiplier, shift)
        value = fixed_point.exp_on_negative_values(rescaled, _INTEGER_BITS)
        # Less than half a unit of the sum (Q12.19), and far less than half a unit of the output: counts as nothing.
        if value < 1 << 11:
            break
        exps.append(value)
    return np.array(exps, dtype=np.int32)
