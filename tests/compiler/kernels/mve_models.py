"""Random layers for kernels of Arm cores with Helium: shapes that each of them takes, and quantizations that reach all
of its ways to finish."""

from __future__ import annotations

import numpy as np

from compiler.kernels.conv_models import ACTIVATIONS, out_size
from support.tflite_builder import ModelBuilder

KINDS = ("pointwise", "rows", "windows", "few channels", "depthwise", "depthwise column", "dense")


def mve_model(kind: str, rng: np.random.Generator) -> ModelBuilder:
    """A layer of a kind of ``KINDS``."""
    if kind == "dense":
        batch, depth, units = (int(rng.choice(c)) for c in ([1, 1, 2], [1, 7, 16, 33, 70, 130], [1, 3, 8, 9, 23]))
        return _layer(rng, "FULLY_CONNECTED", (batch, depth), (units, depth), (batch, units), 0, {})
    window = [int(v) for v in rng.integers(1, 5, 2)]
    stride = [int(v) for v in rng.integers(1, 4, 2)]
    dilation = [1, 1]
    in_c = int(rng.choice([8, 16, 24, 33, 64]))
    size = [int(v) for v in rng.integers(1, 12, 2)]
    if kind == "pointwise":
        in_c = int(rng.choice([1, 3, 8, 16, 40, 64, 200, 256, 400]))
        window, stride = [1, 1], [int(rng.choice([1, 1, 2]))] * 2
    elif kind == "rows":
        in_c, window[1] = int(rng.choice([16, 32, 48])), 3
    elif kind == "windows":
        dilation = [int(rng.choice([1, 2])) for _ in range(2)]
    elif kind == "few channels":
        in_c, window = int(rng.integers(1, 5)), [int(v) for v in rng.integers(2, 11, 2)]
    elif kind == "depthwise":
        in_c = int(rng.choice([2, 5, 8, 16, 19, 40]))
        dilation = [int(rng.choice([1, 1, 1, 2])) for _ in range(2)]
    elif kind == "depthwise column":
        in_c, window, stride, size = int(rng.choice([8, 20])), [int(rng.integers(2, 16)), 1], [1, 1], [22, 1]
    reach = [(w - 1) * d + 1 for w, d in zip(window, dilation, strict=True)]
    padding = "SAME" if any(s < r for s, r in zip(size, reach, strict=True)) else str(rng.choice(["SAME", "VALID"]))
    out = [out_size(*axis, padding) for axis in zip(size, window, stride, dilation, strict=True)]
    depthwise = kind.startswith("depthwise")
    out_c = in_c if depthwise else int(rng.integers(1, 14))
    options: dict[str, object] = {
        "padding": padding,
        "stride_h": stride[0],
        "stride_w": stride[1],
        "dilation_h_factor": dilation[0],
        "dilation_w_factor": dilation[1],
    }
    batch = int(rng.choice([1, 1, 1, 2]))
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
    """Multipliers from 2^-20 to above 1 (or all below 1/2), extreme weights, channels without weights, biases that
    make ties of all signs likely: few bits are shifted out."""
    channels = out_shape[-1]
    taps = int(np.prod(weight_shape)) // channels
    per_channel = bool(rng.random() < 0.7)
    in_scale = float(np.float32(2.0 ** rng.uniform(-6, -1)))
    out_scale = float(np.float32(2.0 ** rng.uniform(-6, -1)))
    style = rng.choice(["typical", "ties", "any"])
    low, high = {"typical": (-12, -6), "ties": (-6, -1.01), "any": (-20, 3)}[style]
    multipliers = 2.0 ** rng.uniform(low, high, channels if per_channel else 1)
    scales = (multipliers * out_scale / in_scale).astype(np.float32)
    weights = rng.integers(-127, 128, weight_shape).astype(np.int8)
    if style == "ties":
        weights = rng.integers(-2, 3, weight_shape).astype(np.int8)
        # powers of two: products are exact, and halves common
        scales = (2.0 ** rng.integers(-6, -1, len(scales)) * out_scale / in_scale).astype(np.float32)
    extreme = rng.random()
    if extreme < 0.1:
        weights = np.where(rng.random(weight_shape) < 0.5, -127, 127).astype(np.int8)
    elif extreme < 0.2:
        np.moveaxis(weights, axis, 0)[rng.integers(0, channels)] = 0
    zero_in = int(rng.choice([-128, -128, 127, 0, 5]))
    relu = bool(rng.random() < 0.5)
    zero_out = -128 if relu else int(rng.choice([-128, 127, 0, -17]))
    m = ModelBuilder()
    x = m.input(in_shape, "int8", scale=in_scale, zero_point=zero_in)
    y = m.output(out_shape, "int8", scale=out_scale, zero_point=zero_out)
    w = m.const(weights, scale=scales, zero_point=0, axis=axis)
    reach = 2 ** int(rng.integers(4, 24))
    bias = rng.integers(-reach, reach, channels).astype(np.int32)
    if zero_in == 0 and taps == 1:
        bias[:] = 0
    b = m.const(bias, scale=np.float32(in_scale) * scales, zero_point=0)
    activation = "RELU" if relu else str(rng.choice(ACTIVATIONS))
    m.op(kind, [x, w, b], [y], fused_activation_function=activation, **options)
    return m


def plain_layer(
    kind: str, in_shape: tuple[int, ...], weight_shape: tuple[int, ...], stride: int, activation: str
) -> ModelBuilder:
    """An ordinary layer, SAME padding but for columns; after a RELU the usual zero point."""
    rng = np.random.default_rng(0)
    depthwise = kind == "DEPTHWISE_CONV_2D"
    channels = weight_shape[3] if depthwise else weight_shape[0]
    options: dict[str, object] = {"fused_activation_function": activation}
    out_shape: tuple[int, ...] = (1, channels)
    scale = 0.01
    if kind != "FULLY_CONNECTED":
        padding = "VALID" if in_shape[2] == 1 else "SAME"
        out = [out_size(in_shape[i], weight_shape[i], stride, 1, padding) for i in (1, 2)]
        out_shape = (1, *out, channels)
        options |= {"padding": padding, "stride_h": stride, "stride_w": stride}
        options |= {"depth_multiplier": 1} if depthwise else {}
    m = ModelBuilder()
    x = m.input(in_shape, "int8", scale=0.5, zero_point=-3)
    y = m.output(out_shape, "int8", scale=4.0, zero_point=-128 if activation == "RELU" else 5)
    w = m.const(rng.integers(-127, 128, weight_shape, np.int8), scale=scale, zero_point=0)
    b = m.const(rng.integers(-900, 900, channels).astype(np.int32), scale=0.5 * scale, zero_point=0)
    m.op(kind, [x, w, b], [y], **options)
    return m
