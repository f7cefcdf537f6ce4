"""FULLY_CONNECTED, int8 and float32.

The per-tensor multiplier differs from a convolution's: TFLite-Micro multiplies the input's and the weights' scales in
single precision (``GetQuantizedConvolutionMultipler``) and rounds the product twice like everywhere else.
"""

from __future__ import annotations

import numpy as np

from tinykit.compiler.kernels.base import ConstArray, In, KernelCall, LowerContext, Lowered, Out, ParamValue, lowers
from tinykit.compiler.kernels.checks import (
    CONVERT_AGAIN,
    constant,
    input_tensor,
    int8_quantization,
    require,
    uint16,
)
from tinykit.compiler.kernels.conv2d import conv2d_f32
from tinykit.compiler.kernels.quantize_math import quantize_multiplier
from tinykit.compiler.kernels.sums import (
    SUM_REFUSES,
    Axis,
    bias_values,
    fold_zero_point,
    multipliers,
    output_s8,
    pack_rows,
    weight_quantization,
)
from tinykit.graph.options import FullyConnectedOptions
from tinykit.graph.types import DType, Op, Tensor


@lowers(
    "FULLY_CONNECTED",
    takes="any batch; constant weights, per tensor or per channel",
    refuses={**SUM_REFUSES, "a shuffled weights format": "convert the model again"},
)
def lower(ctx: LowerContext, op: Op) -> Lowered:
    assert isinstance(op.options, FullyConnectedOptions)
    source = input_tensor(ctx, op, 0, "input")
    dtype = source.dtype
    weights = input_tensor(ctx, op, 1, "weights")
    bias = ctx.graph.input(op, 2)
    target = ctx.graph.output(op)
    require(op.options.weights_format == 0, "its weights are in a shuffled format", CONVERT_AGAIN)
    require(weights.dtype is dtype, f"its weights are {weights.dtype.label}, its input {dtype.label}", CONVERT_AGAIN)
    require(len(weights.shape) == 2, f"its weights have {len(weights.shape)} dimensions; supported: 2", CONVERT_AGAIN)
    units, depth = weights.shape
    require(
        depth > 0 and source.size % depth == 0 and target.size == source.size // depth * units,
        f"input {list(source.shape)}, weights {list(weights.shape)} and output {list(target.shape)} do not match",
        CONVERT_AGAIN,
    )
    batches = source.size // depth
    if dtype is DType.INT8:
        return Lowered((_fully_connected_s8(op.options, source, weights, bias, target, batches),))
    # one dense layer per batch is a 1x1 convolution over a row of `batches` pixels
    values = constant(weights, "weights").reshape(units, 1, 1, depth)
    axes = (Axis(1, 1, 1, 1, 1, 0), Axis(batches, batches, 1, 1, 1, 0))
    row = Tensor(source.id, source.name, (1, 1, batches, depth), source.dtype)
    return Lowered((conv2d_f32(row, values, bias, target, axes, op.options.activation),))


def _fully_connected_s8(
    options: FullyConnectedOptions,
    source: Tensor,
    weights: Tensor,
    bias: Tensor | None,
    target: Tensor,
    batches: int,
) -> KernelCall:
    units, depth = weights.shape
    rows = constant(weights, "weights")
    source_quant = int8_quantization(source)
    target_quant = int8_quantization(target)
    weight_quant = weight_quantization(weights, 0, units)
    if weight_quant.per_channel:
        pairs = multipliers(source_quant, weight_quant, target_quant, units)
    else:
        product = np.float32(source_quant.scale * weight_quant.scale)
        pairs = [quantize_multiplier(float(product) / float(target_quant.scale))]
    folded = fold_zero_point(rows, bias_values(bias, units, DType.INT32), source_quant.zero_point)
    params: dict[str, ParamValue] = {
        "batches": uint16(batches, "batch count"),
        "depth": uint16(depth, "input size"),
        "units": uint16(units, "output size"),
        "weights": ConstArray("int8_t", pack_rows(rows, 8)),
        "output": output_s8(rows, folded, pairs, options.activation, target),
    }
    return KernelCall("tk_fully_connected_s8", params, (In(source.id), Out(target.id)))
