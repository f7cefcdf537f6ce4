"""Random single-op models of convolutions and dense layers, valid by construction."""

from __future__ import annotations

import numpy as np

from support.tflite_builder import ModelBuilder

ACTIVATIONS = ("NONE", "RELU", "RELU6", "RELU_N1_TO_1")


def int8_scales(rng: np.random.Generator, channels: int, per_channel: bool) -> np.ndarray:
    """Weight scales from tiny to large, so that multipliers of all magnitudes come up, above 1 included."""
    count = channels if per_channel else 1
    return (2.0 ** rng.uniform(-14, -2, count)).astype(np.float32)


def out_size(size: int, window: int, stride: int, dilation: int, padding: str) -> int:
    reach = (window - 1) * dilation + 1
    return -(-size // stride) if padding == "SAME" else (size - reach) // stride + 1


def conv_model(rng: np.random.Generator, dtype: str, *, depthwise: bool) -> ModelBuilder:
    """One CONV_2D or DEPTHWISE_CONV_2D of random shape, stride, dilation, padding, quantization and activation."""
    batch = int(rng.choice([1, 1, 1, 2]))
    height, width = (int(v) for v in rng.integers(1, 12, 2))
    in_c = int(rng.choice([1, 2, 3, 4, 5, 8, 16, 33]))
    k_h, k_w = (int(v) for v in rng.integers(1, 6, 2))
    stride_h, stride_w = (int(v) for v in rng.integers(1, 4, 2))
    dilation_h, dilation_w = (int(rng.choice([1, 1, 2, 3])) for _ in range(2))
    reach_h, reach_w = (k_h - 1) * dilation_h + 1, (k_w - 1) * dilation_w + 1
    padding = "SAME" if height < reach_h or width < reach_w else str(rng.choice(["SAME", "VALID"]))
    multiplier = int(rng.choice([1, 1, 1, 2, 3])) if depthwise else 0
    out_c = in_c * multiplier if depthwise else int(rng.choice([1, 2, 3, 4, 5, 8, 13, 16]))
    out_shape = (
        batch,
        out_size(height, k_h, stride_h, dilation_h, padding),
        out_size(width, k_w, stride_w, dilation_w, padding),
        out_c,
    )
    weight_shape = (1, k_h, k_w, out_c) if depthwise else (out_c, k_h, k_w, in_c)
    options = {
        "padding": padding,
        "stride_h": stride_h,
        "stride_w": stride_w,
        "dilation_h_factor": dilation_h,
        "dilation_w_factor": dilation_w,
        "fused_activation_function": str(rng.choice(ACTIVATIONS)),
    }
    if depthwise:
        options["depth_multiplier"] = multiplier
    return sum_model(
        rng,
        dtype,
        "DEPTHWISE_CONV_2D" if depthwise else "CONV_2D",
        (batch, height, width, in_c),
        weight_shape,
        out_shape,
        channels=out_c,
        axis=3 if depthwise else 0,
        options=options,
    )


def dense_model(rng: np.random.Generator, dtype: str) -> ModelBuilder:
    """One FULLY_CONNECTED of random sizes, batches, quantization and activation."""
    batch = int(rng.choice([1, 1, 2, 5]))
    depth, units = int(rng.integers(1, 70)), int(rng.integers(1, 40))
    return sum_model(
        rng,
        dtype,
        "FULLY_CONNECTED",
        (batch, depth),
        (units, depth),
        (batch, units),
        channels=units,
        axis=0,
        options={"fused_activation_function": str(rng.choice(ACTIVATIONS))},
    )


def sum_model(
    rng: np.random.Generator,
    dtype: str,
    kind: str,
    in_shape: tuple[int, ...],
    weight_shape: tuple[int, ...],
    out_shape: tuple[int, ...],
    *,
    channels: int,
    axis: int,
    options: dict[str, object],
) -> ModelBuilder:
    """A model of one operator that sums products, with random weights, and a bias in three of four cases."""
    m = ModelBuilder()
    has_bias = rng.random() < 0.75
    if dtype == "float32":
        x = m.input(in_shape, "float32")
        y = m.output(out_shape, "float32")
        w = m.const(rng.standard_normal(weight_shape).astype(np.float32))
        b = m.const(rng.standard_normal(channels).astype(np.float32)) if has_bias else None
    else:
        input_scale = float(np.float32(2.0 ** rng.uniform(-9, 1)))
        scales = int8_scales(rng, channels, per_channel=bool(rng.random() < 0.7))
        taps = int(np.prod(weight_shape)) / channels
        # keep typical outputs in range, and let some saturate
        output_scale = float(np.float32(input_scale * np.median(scales) * np.sqrt(taps) * 2.0 ** rng.uniform(3, 9)))
        point_in, point_out = (int(v) for v in rng.integers(-128, 128, 2))
        x = m.input(in_shape, "int8", scale=input_scale, zero_point=point_in)
        y = m.output(out_shape, "int8", scale=output_scale, zero_point=point_out)
        w = m.const(rng.integers(-127, 128, weight_shape, np.int8), scale=scales, zero_point=0, axis=axis)
        b = None
        if has_bias:
            # the converter's rule: bias scale = input scale * weight scale
            bias = rng.integers(-20000, 20000, channels).astype(np.int32)
            b = m.const(bias, scale=np.float32(input_scale) * scales, zero_point=0)
    m.op(kind, [x, w, b] if b is not None else [x, w], [y], **options)
    return m
