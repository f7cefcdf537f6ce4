"""L2_NORMALIZATION over the last dimension, int8 and float32."""

from __future__ import annotations

import math

from tinykit.compiler.kernels.base import In, KernelCall, LowerContext, Lowered, Out, lowers
from tinykit.compiler.kernels.checks import int8_quantization, require, unary_operands
from tinykit.graph.options import Activation, L2NormOptions
from tinykit.graph.types import DType, Op

_MAX_DEPTH = 33025
"""Squares of 255 that fit 31 bits."""


@lowers(
    "L2_NORMALIZATION",
    takes="over the last of up to four dimensions; whatever an int8 output's quantization, it is 1/128 and 0",
    refuses={
        "a fused activation": "use a separate activation layer",
        "more than 33025 int8 elements in a row": "use float32",
    },
)
def lower_l2_normalization(ctx: LowerContext, op: Op) -> Lowered:
    """As ``l2norm.cc`` of TFLite-Micro, which does not look at the output's quantization."""
    assert isinstance(op.options, L2NormOptions)
    source, target = unary_operands(ctx, op)
    require(1 <= len(source.shape) <= 4, f"it has {len(source.shape)} dimensions", "use 1 to 4 dimensions")
    require(
        op.options.activation is Activation.NONE,
        f"fused {op.options.activation.name} is not supported",
        "use a separate activation layer",
    )
    depth = source.shape[-1]
    params = {"rows": math.prod(source.shape[:-1]), "depth": depth}
    args = (In(source.id), Out(target.id))
    in_place = ((source.id, target.id),)
    if source.dtype is DType.FLOAT32:
        return Lowered((KernelCall("tk_l2_normalization_f32", params, args, in_place=in_place),))
    require(depth <= _MAX_DEPTH, f"its rows have {depth} elements", "use float32")
    params["zero_point"] = int8_quantization(source).zero_point
    return Lowered((KernelCall("tk_l2_normalization_s8", params, args, in_place=in_place),))
