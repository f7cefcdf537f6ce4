"""CONV_2D, int8 and float32."""

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
from tinykit.compiler.kernels.quantize_math import float_activation_range
from tinykit.compiler.kernels.sums import (
    SUM_REFUSES,
    Axis,
    bias_values,
    fold_zero_point,
    multipliers,
    output_s8,
    pack_rows,
    require_clamp,
    weight_quantization,
    window_axes,
)
from tinykit.graph.options import Activation, Conv2DOptions
from tinykit.graph.types import DType, Op, Tensor


@lowers(
    "CONV_2D",
    takes="any stride and dilation; SAME, VALID, a PAD before it; constant weights, per tensor or per channel",
    refuses={**SUM_REFUSES, "groups": "use a plain or a depthwise convolution"},
)
def lower(ctx: LowerContext, op: Op) -> Lowered:
    assert isinstance(op.options, Conv2DOptions)
    source = input_tensor(ctx, op, 0, "input")
    dtype = source.dtype
    weights = input_tensor(ctx, op, 1, "weights")
    bias = ctx.graph.input(op, 2)
    target = ctx.graph.output(op)
    require(
        len(source.shape) == 4 and len(weights.shape) == 4 and len(target.shape) == 4,
        f"input has {len(source.shape)} dimensions, weights {len(weights.shape)}; supported: 4",
        CONVERT_AGAIN,
    )
    require(weights.dtype is dtype, f"its weights are {weights.dtype.label}, its input {dtype.label}", CONVERT_AGAIN)
    require(
        weights.shape[3] == source.shape[3],
        f"grouped convolution: {source.shape[3]} input channels, {weights.shape[3]} per filter",
        "use a plain or a depthwise convolution",
    )
    require(
        target.shape[0] == source.shape[0] and target.shape[3] == weights.shape[0],
        f"its output shape {list(target.shape)} does not follow from its inputs",
        CONVERT_AGAIN,
    )
    axes = window_axes(
        (source.shape[1], source.shape[2]),
        (target.shape[1], target.shape[2]),
        (weights.shape[1], weights.shape[2]),
        op.options.stride,
        op.options.dilation,
        op.options.padding,
    )
    values = constant(weights, "weights")
    if dtype is DType.INT8:
        call = conv2d_s8(source, values, weights, bias, target, axes, op.options.activation, quantized_axis=0)
    else:
        call = conv2d_f32(source, values, bias, target, axes, op.options.activation)
    return Lowered((call,))


def conv2d_s8(
    source: Tensor,
    values: np.ndarray,
    weights: Tensor,
    bias: Tensor | None,
    target: Tensor,
    axes: tuple[Axis, Axis],
    activation: Activation,
    *,
    quantized_axis: int,
) -> KernelCall:
    """A call of tk_conv2d_s8.

    Args:
        values: the weights as (out_c, k_h, k_w, in_c), whatever layout ``weights`` itself has.
        quantized_axis: the dimension of ``weights`` along which its scales run.
    """
    channels = values.shape[0]
    source_quant = int8_quantization(source)
    target_quant = int8_quantization(target)
    weight_quant = weight_quantization(weights, quantized_axis, channels)
    rows = values.reshape(channels, -1)
    pairs = multipliers(source_quant, weight_quant, target_quant, channels)
    folded = fold_zero_point(rows, bias_values(bias, channels, DType.INT32), source_quant.zero_point)
    axes = _flatten_pointwise(axes)
    gather = _gather_pays(axes, rows.shape[1], channels)
    patches = gather or axes[0].touches_border or axes[1].touches_border
    params: dict[str, ParamValue] = {
        **geometry(source.shape[0], axes),
        "in_c": uint16(values.shape[3], "input channel count"),
        "out_c": uint16(channels, "output channel count"),
        "gather": int(gather),
        "input_zero_point": source_quant.zero_point,
        "weights": ConstArray("int8_t", pack_rows(rows, 4)),
        "output": output_s8(rows, folded, pairs, activation, target),
    }
    return KernelCall(
        "tk_conv2d_s8",
        params,
        (In(source.id), Out(target.id)),
        scratch=2 * rows.shape[1] if patches else 0,
    )


def conv2d_f32(
    source: Tensor,
    values: np.ndarray,
    bias: Tensor | None,
    target: Tensor,
    axes: tuple[Axis, Axis],
    activation: Activation,
) -> KernelCall:
    """A call of tk_conv2d_f32; ``values`` are the weights as (out_c, k_h, k_w, in_c)."""
    channels = values.shape[0]
    rows = values.reshape(channels, -1)
    filled = -(-channels // 4) * 4 - channels
    low, high = float_range(activation)
    params: dict[str, ParamValue] = {
        **geometry(source.shape[0], _flatten_pointwise(axes)),
        "in_c": uint16(values.shape[3], "input channel count"),
        "out_c": uint16(channels, "output channel count"),
        "clamp_min": low,
        "clamp_max": high,
        "weights": ConstArray("float", pack_rows(np.pad(rows, ((0, filled), (0, 0))), 4)),
        "bias": ConstArray("float", np.pad(bias_values(bias, channels, DType.FLOAT32), (0, filled))),
    }
    return KernelCall("tk_conv2d_f32", params, (In(source.id), Out(target.id)))


def geometry(batches: int, axes: tuple[Axis, Axis]) -> dict[str, int]:
    """The fields that describe a convolution's window, as all convolution kernels name them."""
    fields = {"batches": batches}
    for axis, name, first in zip(axes, "hw", ("top", "left"), strict=True):
        fields |= {
            f"in_{name}": axis.size,
            f"out_{name}": axis.out,
            f"k_{name}": axis.window,
            f"stride_{name}": axis.stride,
            f"dilation_{name}": axis.dilation,
            f"pad_{first}": axis.before,
        }
    return {name: uint16(value, name) for name, value in fields.items()}


def float_range(activation: Activation) -> tuple[float, float]:
    """Clamp bounds of a float output."""
    require_clamp(activation)
    return float_activation_range(activation)


def _flatten_pointwise(axes: tuple[Axis, Axis]) -> tuple[Axis, Axis]:
    """A 1x1 convolution of stride 1 over an image as one over a single row: no odd pixel at each row's end."""
    plain = all(a.window == a.stride == 1 and a.before == 0 and a.size == a.out for a in axes)
    pixels = axes[0].size * axes[1].size
    if not plain or pixels > 0xFFFF:
        return axes
    return Axis(1, 1, 1, 1, 1, 0), Axis(pixels, pixels, 1, 1, 1, 0)


def _gather_pays(axes: tuple[Axis, Axis], patch: int, channels: int) -> bool:
    """Whether copying each patch costs less than a loop per row and block of channels.

    Per pair of pixels: starting a row costs about 8 instructions for each block of 4 channels; copying costs about 4
    instructions a byte and 12 a tap, twice. Columns that are dilated are not contiguous and are always copied.
    """
    height, width = axes
    if width.dilation > 1 and width.window > 1:
        return True
    taps = height.window * width.window
    return height.window > 1 and 2 * (4 * patch + 12 * taps) < 8 * height.window * (channels // 4)
