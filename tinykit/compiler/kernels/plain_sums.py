"""Sums of products by the kernels that read weights as they are in the model: computed ones, those of groups, int4."""

from __future__ import annotations

from tinykit.compiler.kernels.base import ConstArray, KernelCall, ParamValue
from tinykit.compiler.kernels.checks import float_clamp, int8_quantization, uint16
from tinykit.compiler.kernels.sums import SumLayer, output_s8, refuse_overflow
from tinykit.compiler.kernels.window import Axis, geometry
from tinykit.graph.types import DType


def plain_sums(
    layer: SumLayer, axes: tuple[Axis, Axis], *, depth_multiplier: int | None = None, weights_zero_point: int = 0
) -> KernelCall:
    """A CONV_2D, also in groups, or with ``depth_multiplier`` a DEPTHWISE_CONV_2D; int8 or float32.

    Raises:
        Refusal: int8 sums could exceed 32 bits, for which TFLite-Micro's result is undefined.
    """
    in_c, channels = layer.source.shape[3], layer.channels
    filter_c = layer.filters.shape[3] if depth_multiplier is None else 1
    params: dict[str, ParamValue] = {
        **geometry(layer.source.shape[0], axes),
        "in_c": uint16(in_c, "input channel count"),
        "out_c": uint16(channels, "output channel count"),
        "filter_c": filter_c,
        "group_out": channels // (in_c // filter_c),
        **plain_output(layer, weights_zero_point),
    }
    if layer.packed is None:
        params["filter_step"] = layer.rows.shape[1] if depth_multiplier is None else 1
        params["tap_step"] = filter_c if depth_multiplier is None else channels
    kernel, args = "tk_sums_f32", layer.args_with_weights
    if layer.source.dtype is DType.INT8:
        kernel = "tk_sums_s8"
        params["weights_zero_point"] = weights_zero_point
    if layer.packed is not None:
        kernel, args = "tk_sums_s4", layer.args
        params["weights"] = ConstArray("uint8_t", layer.packed)
    return KernelCall(kernel, params, args, overlaps=layer.overlaps(axes, 1))


def plain_output(layer: SumLayer, weights_zero_point: int = 0) -> dict[str, ParamValue]:
    """The fields of bias, zero point of the input and output of kernels that fold nothing, int8 or float32.

    Raises:
        Refusal: as ``plain_sums``.
    """
    if layer.source.dtype is not DType.INT8:
        low, high = float_clamp(layer.activation)
        bias = None if layer.bias is None else ConstArray("float", layer.bias_values())
        return {"clamp_min": low, "clamp_max": high, "bias": bias}
    refuse_overflow(layer.bias_values(), layer.largest_row(weights_zero_point))
    pairs = layer.multipliers(zero_point=weights_zero_point != 0)
    return {
        "input_zero_point": int8_quantization(layer.source).zero_point,
        "output": output_s8(layer, layer.bias_values(), pairs[:1] if len(set(pairs)) == 1 else pairs),
    }
