"""Random layers for kernels of Arm cores with the DSP extension: shapes that each of them takes, and quantizations that
reach the ends of its arithmetic."""

from __future__ import annotations

import numpy as np

from compiler.kernels.conv_models import out_size
from support.tflite_builder import ModelBuilder

KINDS = ("pointwise", "conv", "few channels", "three columns", "depthwise 3x3", "depthwise", "depthwise line", "dense")


def dsp_model(kind: str, rng: np.random.Generator) -> ModelBuilder:
    """A layer of a kind of ``KINDS``."""
    if kind == "dense":
        batch, depth, units = (int(rng.choice(c)) for c in ([1, 1, 2, 3], [4, 16, 17, 31, 64, 70], [8, 9, 12, 16, 23]))
        return _layer(rng, "FULLY_CONNECTED", (batch, depth), (units, depth), (batch, units), 0, {})
    depthwise = kind.startswith("depthwise")
    window = [int(v) for v in rng.integers(1, 6, 2)]
    stride = [int(v) for v in rng.integers(1, 4, 2)]
    dilation = [int(rng.choice([1, 1, 2])) for _ in range(2)]
    in_c = int(rng.choice([4, 8, 12, 20, 36]))
    if kind == "pointwise":
        window, stride, dilation = [1, 1], [1, 1], [1, 1]
    elif kind == "three columns":
        window[1], stride[1], dilation[1] = 3, 1, 1
    elif kind == "few channels":
        in_c, dilation[1] = int(rng.integers(1, 8)), 1
    elif kind == "depthwise 3x3":
        window, stride, dilation = [3, 3], [int(rng.integers(1, 3))] * 2, [1, 1]
    if depthwise:
        in_c = int(rng.choice([4, 5, 7, 8, 18, 33]))
    size = [int(v) for v in rng.integers(1, 14, 2)]
    if kind == "depthwise line":
        along = int(rng.integers(0, 2))
        window[along], size[along] = (int(v) for v in rng.integers(1, 20, 2))
        window[1 - along], stride[1 - along], dilation = 1, 1, [1, 1]
        if along == 0:
            size[1] = 1
    reach = [(w - 1) * d + 1 for w, d in zip(window, dilation, strict=True)]
    padding = "SAME" if any(s < r for s, r in zip(size, reach, strict=True)) else str(rng.choice(["SAME", "VALID"]))
    out = [out_size(*axis, padding) for axis in zip(size, window, stride, dilation, strict=True)]
    out_c = in_c if depthwise else int(rng.integers(2, 12))
    options: dict[str, object] = {
        "padding": padding,
        "stride_h": stride[0],
        "stride_w": stride[1],
        "dilation_h_factor": dilation[0],
        "dilation_w_factor": dilation[1],
    }
    batch = int(rng.choice([1, 1, 2]))
    shapes = (batch, *size, in_c), (batch, *out, out_c)
    if depthwise:
        options["depth_multiplier"] = 1
        return _layer(rng, "DEPTHWISE_CONV_2D", shapes[0], (1, *window, in_c), shapes[1], 3, options)
    return _layer(rng, "CONV_2D", shapes[0], (out_c, *window, in_c), shapes[1], 0, options)


def _layer(
    rng: np.random.Generator,
    kind: str,
    in_shape: tuple[int, ...],
    weight_shape: tuple[int, ...],
    out_shape: tuple[int, ...],
    axis: int,
    options: dict[str, object],
) -> ModelBuilder:
    channels = weight_shape[axis]
    taps = int(np.prod(weight_shape)) // channels
    least = int(rng.choice([-128, -127, -127]))
    weights = rng.integers(least, 128, weight_shape, np.int8)
    spread = 1.0
    if rng.random() < 0.5:  # channels that differ a lot, some without any weight
        factors = rng.choice([0.0, 0.02, 0.3, 1.0], channels)
        shape = [1] * len(weight_shape)
        shape[axis] = channels
        weights = np.round(weights * factors.reshape(shape)).astype(np.int8)
        spread = 2.0**6
    activation = str(rng.choice(["NONE", "NONE", "RELU", "RELU6"]))
    zero_point = -128 if activation != "NONE" and rng.random() < 0.8 else int(rng.integers(-128, 128))
    input_scale = float(np.float32(2.0 ** rng.integers(-9, 1)))
    scales = 2.0 ** rng.uniform(-8, -2, channels if rng.random() < 0.7 else 1)
    if rng.random() < 0.4:
        scales = 2.0 ** np.round(np.log2(scales))  # sums that lie exactly between two outputs
    # Most outputs in range; now and then so large a scale that shifts go to the left, or so small a one that all is 0.
    far = float(rng.choice([0.0, 0.0, 0.0, -9.0, -5.0, 9.0]))
    typical = np.sqrt(taps) * 2.0 ** np.round(rng.uniform(2, 7) + far)
    output_scale = float(np.float32(input_scale * np.median(scales) * typical / spread))
    m = ModelBuilder()
    x = m.input(in_shape, "int8", scale=input_scale, zero_point=int(rng.integers(-128, 128)))
    y = m.output(out_shape, "int8", scale=output_scale, zero_point=zero_point)
    w = m.const(weights, scale=scales.astype(np.float32), zero_point=0, axis=axis)
    reach = int(rng.choice([100, 20000, 3_000_000, 60_000_000], p=[0.4, 0.4, 0.1, 0.1]))
    bias = rng.integers(-reach, reach, channels).astype(np.int32)
    b = m.const(bias, scale=(input_scale * scales).astype(np.float32), zero_point=0)
    m.op(kind, [x, w, b], [y], fused_activation_function=activation, **options)
    return m
