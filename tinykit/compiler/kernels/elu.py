"""ELU: a table for int8."""

from __future__ import annotations

import math

import numpy as np

from tinykit.compiler.kernels.base import LowerContext, Lowered, lowers
from tinykit.compiler.kernels.checks import int8_quantization, require, unary_operands
from tinykit.compiler.kernels.lut import clamp_int8, lower_table
from tinykit.compiler.kernels.quantize_math import round_half_away
from tinykit.compiler.kernels.unary_float import lower_float
from tinykit.graph.types import DType, Op

_AGAIN = "quantize the model again"


@lowers("ELU", takes="any shape; int8 is rescaled", refuses={"int8 results beyond 2^31 steps of the output": _AGAIN})
def lower_elu(ctx: LowerContext, op: Op) -> Lowered:
    """int8 as ``elu.cc`` of TFLite-Micro: computed in single precision for each of the 256 values.

    Raises:
        Refusal: also when a result is too far outside of int8 to be converted to int32, which C++ leaves undefined.
    """
    source, target = unary_operands(ctx, op)
    if source.dtype is DType.FLOAT32:
        return lower_float("tk_elu_f32", source, target)
    q_in, q_out = int8_quantization(source), int8_quantization(target)
    with np.errstate(over="ignore"):
        inverse = np.float32(1) / q_out.scale

    def function(q: int) -> int:
        x = q_in.scale * np.float32(q - q_in.zero_point)
        # e^x to single precision first, as expf gives it
        y = np.float32(math.exp(x)) - np.float32(1) if x < 0 else x
        with np.errstate(over="ignore"):
            steps = float(y * inverse)
        require(abs(steps) < 2.0**31 - 256, f"its results are up to {steps:.3g} steps of its output's scale", _AGAIN)
        return clamp_int8(int(np.float32(round_half_away(steps)) + np.float32(q_out.zero_point)))

    return lower_table(source, target, function)
