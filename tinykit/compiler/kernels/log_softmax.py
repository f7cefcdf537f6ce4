"""LOG_SOFTMAX over the last dimension, int8 and float32."""

from __future__ import annotations

import math

import numpy as np

from tinykit.compiler.kernels.base import ConstArray, In, KernelCall, LowerContext, Lowered, Out, ParamValue, lowers
from tinykit.compiler.kernels.checks import CONVERT_AGAIN, int8_quantization, require, unary_operands
from tinykit.compiler.kernels.quantize_math import quantize_multiplier
from tinykit.compiler.kernels.softmax import MAX_DEPTH, difference_exponentials, difference_scaling
from tinykit.graph.types import DType, Op


@lowers(
    "LOG_SOFTMAX",
    takes="over the last dimension",
    refuses={
        "an int8 output of another quantization than scale 1/16, zero point 127": "convert the model again",
        "more than 4095 int8 classes": "use LOG_SOFTMAX in float32",
        "an int8 input's scale of 2^-26 or less": "quantize the model again",
    },
)
def lower_log_softmax(ctx: LowerContext, op: Op) -> Lowered:
    """x - max - log(sum of exp(x - max)), as ``log_softmax.cc`` and ``reference/log_softmax.h`` of TFLite-Micro."""
    source, target = unary_operands(ctx, op)
    require(bool(source.shape), "its input has no dimension to normalise", "give it a dimension")
    depth = source.shape[-1]
    params: dict[str, ParamValue] = {"rows": math.prod(source.shape[:-1]), "depth": depth}
    args = (In(source.id), Out(target.id))
    in_place = ((source.id, target.id),)
    if source.dtype is DType.FLOAT32:
        return Lowered((KernelCall("tk_log_softmax_f32", params, args, in_place=in_place),))
    q_in, q_out = int8_quantization(source), int8_quantization(target)
    require(
        q_out.scale == np.float32(1 / 16) and q_out.zero_point == 127,
        f"its output has scale {q_out.scale} and zero point {q_out.zero_point}, not 1/16 and 127",
        CONVERT_AGAIN,
    )
    require(depth <= MAX_DEPTH, f"it has {depth} classes, more than {MAX_DEPTH}", "use LOG_SOFTMAX in float32")
    multiplier, shift, radius = difference_scaling(q_in, 1.0)
    inverse, inverse_shift = quantize_multiplier((1 << (31 - shift)) / multiplier)
    exps = difference_exponentials(q_in, 1.0)
    params |= {
        "exps_count": len(exps),
        "exps": ConstArray("int32_t", exps),
        "multiplier": multiplier,
        "shift": shift,
        "inverse_multiplier": inverse,
        "inverse_shift": inverse_shift,
        "smallest": -radius,
    }
    return Lowered((KernelCall("tk_log_softmax_s8", params, args, in_place=in_place),))
