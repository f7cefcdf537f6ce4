"""Sums of products of int16 activations with int8 weights: CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED, TRANSPOSE_CONV.

Source of the arithmetic: TensorFlow Lite Micro, ``MultiplyByQuantizedMultiplier`` for int64, and for int32 where an
operator's bias is int32.
"""

from __future__ import annotations

import numpy as np

from tinykit.compiler.kernels.base import ConstArray, KernelCall, ParamValue
from tinykit.compiler.kernels.checks import CONVERT_AGAIN, float_clamp, quantization, require, uint16
from tinykit.compiler.kernels.quantize_math import quantized_activation_range
from tinykit.compiler.kernels.sums import SumLayer
from tinykit.compiler.kernels.window import Axis, geometry
from tinykit.graph.types import DType, Quantization, Tensor

_LARGEST_SUM = 2**47
_LARGEST_SHIFT = 14


def int16_scale(tensor: Tensor) -> Quantization:
    """Per-tensor quantization of an int16 activation of these operators; TFLite-Micro would ignore a zero point."""
    what = f"tensor {tensor.name!r}"
    quant = quantization(tensor)
    require(not quant.per_channel, f"its {what} is quantized per channel", CONVERT_AGAIN)
    require(quant.zero_point == 0, f"its {what} has the zero point {quant.zero_point}", "convert the model again")
    return quant


def output_s16(layer: SumLayer, *biases: DType, weights_zero_point: int = 0) -> dict[str, ParamValue]:
    """The fields of tk_output_s16: how sums become int16 outputs. With an int32 bias they have 32 bits, and wrap.

    Args:
        biases: types that the bias may have.

    Raises:
        Refusal: for sums and multipliers that TFLite-Micro has no defined result for.
    """
    narrow = layer.bias is not None and layer.bias.dtype is DType.INT32
    float_clamp(layer.activation)  # refuses what is no clamp
    low, high = quantized_activation_range(layer.activation, int16_scale(layer.target), -(2**15), 2**15 - 1)
    bias = layer.bias_values(*biases).astype(np.int64)
    pairs = layer.multipliers(int16_scale, zero_point=weights_zero_point != 0)
    if len(set(pairs)) == 1:
        pairs = pairs[:1]
    if not narrow:
        largest = max(int(bias.max()), -int(bias.min())) + 2**15 * layer.largest_row(weights_zero_point)
        require(
            largest < _LARGEST_SUM,
            f"its sums can reach {largest}, more than 47 bits",
            "scale the layer down, or split it",
        )
        require(
            max(shift for _, shift in pairs) <= _LARGEST_SHIFT,
            "its output scale is below 2^-14 of the product of the input's and the weights'",
            "quantize the model again",
        )
        pairs = [(min((q + 2**15) >> 16, 0x7FFF), shift) for q, shift in pairs]
    fits = bool(np.all((bias >= -(2**31)) & (bias < 2**31)))
    values = ConstArray("int32_t", bias.astype(np.int32)) if fits else ConstArray("int64_t", bias)
    any_bias = bool(np.any(bias))
    return {
        "bias": values if any_bias and fits else None,
        "wide_bias": values if any_bias and not fits else None,
        "multiplier": ConstArray("int32_t", np.array([q for q, _ in pairs], np.int32), "tables"),
        "shift": ConstArray("int8_t", np.array([shift for _, shift in pairs], np.int8), "tables"),
        "per_channel": int(len(pairs) > 1),
        "narrow": int(narrow),
        "clamp_min": low,
        "clamp_max": high,
    }


def conv2d_s16(layer: SumLayer, axes: tuple[Axis, Axis], weights_zero_point: int = 0) -> KernelCall:
    """A CONV_2D, also in groups; filters are (out_c, k_h, k_w, channels of a group)."""
    in_c, filter_c = layer.source.shape[3], layer.filters.shape[3]
    int16_scale(layer.source)
    params: dict[str, ParamValue] = {
        **geometry(layer.source.shape[0], axes),
        "in_c": uint16(in_c, "input channel count"),
        "out_c": uint16(layer.channels, "output channel count"),
        "filter_c": filter_c,
        "group_out": layer.channels // (in_c // filter_c),
        "weights_zero_point": weights_zero_point,
        "output": output_s16(layer, DType.INT64, DType.INT32, weights_zero_point=weights_zero_point),
    }
    return KernelCall("tk_conv2d_s16", params, layer.args_with_weights, overlaps=layer.overlaps(axes, 1))


def depthwise_s16(layer: SumLayer, axes: tuple[Axis, Axis], depth_multiplier: int) -> KernelCall:
    """A DEPTHWISE_CONV_2D of any depth multiplier."""
    int16_scale(layer.source)
    params: dict[str, ParamValue] = {
        **geometry(layer.source.shape[0], axes),
        "in_c": uint16(layer.source.shape[3], "input channel count"),
        "depth_multiplier": uint16(depth_multiplier, "depth multiplier"),
        "output": output_s16(layer, DType.INT64),
    }
    overlaps = layer.overlaps(axes, 0 if depth_multiplier == 1 else 1)
    return KernelCall("tk_depthwise_conv2d_s16", params, layer.args_with_weights, overlaps=overlaps)
