"""CONV_2D, int8 and float32."""

from __future__ import annotations

import numpy as np

from tinykit.compiler.kernels.base import ConstArray, KernelCall, LowerContext, Lowered, ParamValue, lowers
from tinykit.compiler.kernels.checks import CONVERT_AGAIN, float_clamp, int8_quantization, require, uint16
from tinykit.compiler.kernels.sums import SUM_REFUSES, Axis, SumLayer, output_s8, pack_rows, sum_layer, window_axes
from tinykit.graph.options import Conv2DOptions
from tinykit.graph.types import DType, Op


@lowers(
    "CONV_2D",
    takes="any stride and dilation; SAME, VALID, a PAD before it; constant weights, per tensor or per channel",
    refuses={**SUM_REFUSES, "groups": "use a plain or a depthwise convolution"},
)
def lower(ctx: LowerContext, op: Op) -> Lowered:
    assert isinstance(op.options, Conv2DOptions)
    options = op.options
    layer = sum_layer(ctx, op, options.activation, dimensions=4, channel_axis=0)
    source, target = layer.source, layer.target
    axes = window_axes(source, target, layer.filters.shape[1:3], options.stride, options.dilation, options.padding)
    require(
        layer.filters.shape[3] == source.shape[3],
        f"grouped convolution: {source.shape[3]} input channels, {layer.filters.shape[3]} per filter",
        "use a plain or a depthwise convolution",
    )
    require(
        target.shape[3] == layer.channels,
        f"its output has {target.shape[3]} channels, but there are {layer.channels} filters",
        CONVERT_AGAIN,
    )
    return Lowered((conv2d(layer, axes),))


def conv2d(layer: SumLayer, axes: tuple[Axis, Axis]) -> KernelCall:
    """A call of tk_conv2d_s8 or tk_conv2d_f32; the filters are (out_c, k_h, k_w, in_c)."""
    return _conv2d_s8(layer, axes) if layer.source.dtype is DType.INT8 else _conv2d_f32(layer, axes)


def _conv2d_s8(layer: SumLayer, axes: tuple[Axis, Axis]) -> KernelCall:
    rows = layer.rows
    axes = _flatten_pointwise(axes)
    gather = _gather_pays(axes, rows.shape[1], layer.channels)
    patches = gather or axes[0].touches_border or axes[1].touches_border
    params: dict[str, ParamValue] = {
        **geometry(layer.source.shape[0], axes),
        "in_c": uint16(layer.filters.shape[3], "input channel count"),
        "out_c": uint16(layer.channels, "output channel count"),
        "gather": int(gather),
        "input_zero_point": int8_quantization(layer.source).zero_point,
        "weights": ConstArray("int8_t", pack_rows(rows, 4)),
        "output": output_s8(layer, layer.folded_bias(), layer.multipliers()),
    }
    return KernelCall("tk_conv2d_s8", params, layer.args, scratch=2 * rows.shape[1] if patches else 0)


def _conv2d_f32(layer: SumLayer, axes: tuple[Axis, Axis]) -> KernelCall:
    filled = -(-layer.channels // 4) * 4 - layer.channels
    low, high = float_clamp(layer.activation)
    params: dict[str, ParamValue] = {
        **geometry(layer.source.shape[0], _flatten_pointwise(axes)),
        "in_c": uint16(layer.filters.shape[3], "input channel count"),
        "out_c": uint16(layer.channels, "output channel count"),
        "clamp_min": low,
        "clamp_max": high,
        "weights": ConstArray("float", pack_rows(np.pad(layer.rows, ((0, filled), (0, 0))), 4)),
        "bias": ConstArray("float", np.pad(layer.bias_values(), (0, filled))),
    }
    return KernelCall("tk_conv2d_f32", params, layer.args)


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
