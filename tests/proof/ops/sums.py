"""CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED and TRANSPOSE_CONV: windows, quantization, biases, computed weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from proof.case import Case, proves
from support.tflite_builder import ModelBuilder

_ACTIVATIONS = ("NONE", "NONE", "RELU", "RELU6", "RELU_N1_TO_1")
_LABELS = ("int8", "int16", "float32", "int8, int4 weights")
_SIZES = (1, 1, 2, 3, 4, 5, 8, 16, 17)


@dataclass(frozen=True)
class _Layer:
    """Shapes of one of these operators; ``axis`` is the one of the weights along which output channels run."""

    source: tuple[int, ...]
    weights: tuple[int, ...]
    target: tuple[int, ...]
    axis: int = 0

    @property
    def channels(self) -> int:
        return self.weights[self.axis]

    @property
    def taps(self) -> int:
        return int(np.prod(self.weights)) // self.channels


def _out(size: int, window: int, stride: int, dilation: int, padding: str) -> int:
    reach = (window - 1) * dilation + 1
    return -(-size // stride) if padding == "SAME" else (size - reach) // stride + 1


def _windows(rng: np.random.Generator) -> tuple[dict[str, object], list[int], list[int], list[int]]:
    """Options of a window over images, and for height and width sizes, window and output sizes."""
    sizes = [int(v) for v in rng.integers(1, 12, 2)]
    window = [int(v) for v in rng.integers(1, 6, 2)]
    stride = [int(v) for v in rng.choice([1, 1, 2, 3], 2)]
    dilation = [int(v) for v in rng.choice([1, 1, 1, 2, 3], 2)]
    fits = all(s >= (w - 1) * d + 1 for s, w, d in zip(sizes, window, dilation, strict=True))
    padding = str(rng.choice(["SAME", "VALID"])) if fits else "SAME"
    out = [_out(*each, padding) for each in zip(sizes, window, stride, dilation, strict=True)]
    options: dict[str, object] = {
        "padding": padding,
        "stride_h": stride[0],
        "stride_w": stride[1],
        "dilation_h_factor": dilation[0],
        "dilation_w_factor": dilation[1],
    }
    return options, sizes, window, out


@proves("CONV_2D", *_LABELS)
def conv_2d_case(rng: np.random.Generator, label: str) -> Case:
    """Every window, stride, dilation and padding; groups in one of five."""
    options, sizes, window, out = _windows(rng)
    batch, groups = int(rng.choice([1, 1, 1, 2])), int(rng.choice([1, 1, 1, 1, 2, 3]))
    filter_c, out_c = _group_sizes(rng, groups)
    layer = _Layer((batch, *sizes, filter_c * groups), (out_c, *window, filter_c), (batch, *out, out_c))
    return _case(rng, label, "CONV_2D", layer, options)


def _group_sizes(rng: np.random.Generator, groups: int) -> tuple[int, int]:
    """Input channels of a filter, and filters of all groups."""
    if groups > 1:
        return int(rng.integers(1, 6)), groups * int(rng.integers(1, 7))
    return int(rng.choice([1, 2, 3, 4, 5, 8, 16, 33])), int(rng.choice(_SIZES))


@proves("DEPTHWISE_CONV_2D", *_LABELS)
def depthwise_conv_2d_case(rng: np.random.Generator, label: str) -> Case:
    """Every window, stride, dilation and padding; depth multipliers of 1 to 3."""
    options, sizes, window, out = _windows(rng)
    batch, in_c, multiplier = int(rng.choice([1, 1, 2])), int(rng.choice(_SIZES)), int(rng.choice([1, 1, 1, 2, 3]))
    out_c = in_c * multiplier
    layer = _Layer((batch, *sizes, in_c), (1, *window, out_c), (batch, *out, out_c), axis=3)
    return _case(rng, label, "DEPTHWISE_CONV_2D", layer, options | {"depth_multiplier": multiplier})


@proves("FULLY_CONNECTED", *_LABELS)
def fully_connected_case(rng: np.random.Generator, label: str) -> Case:
    """Inputs of one to four dimensions; some sums that are longer than 32 bits hold products of int16."""
    depth = int(rng.choice([1, 2, 3, 7, 8, 16, 31, 64, 65, 300, 1100]))
    units = int(rng.choice([*_SIZES, 40]))
    batches = [int(v) for v in rng.choice([1, 1, 2, 5], int(rng.integers(0, 4)))]
    keep = bool(batches) and bool(rng.random() < 0.5)
    count = int(np.prod(batches))
    target = (*batches, units) if keep else (count, units)
    if label in ("int8", "float32") and rng.random() < 0.04:
        return _square_case(rng, label, units, depth)
    layer = _Layer((*batches, depth), (units, depth), target)
    return _case(rng, label, "FULLY_CONNECTED", layer, {"keep_num_dims": keep})


def _square_case(rng: np.random.Generator, label: str, units: int, depth: int) -> Case:
    """Every row of the input times every other: its weights are the input."""
    model = ModelBuilder()
    source, target = {}, {}
    if label == "int8":
        source = {"scale": 0.1, "zero_point": int(rng.integers(-128, 128))}
        target = {"scale": 0.1 * np.sqrt(depth), "zero_point": int(rng.integers(-128, 128))}
    x = model.input((units, depth), label, **source)
    model.op("FULLY_CONNECTED", [x, x], [model.output((units, units), label, **target)])
    return Case(model, atol=1e-3)


@proves("TRANSPOSE_CONV", "int8", "int16", "float32")
def transpose_conv_case(rng: np.random.Generator, label: str) -> Case:
    """The output shapes that the input has, and others, which TFLite-Micro takes too."""
    sizes, window = [int(v) for v in rng.integers(1, 7, 2)], [int(v) for v in rng.integers(1, 6, 2)]
    stride = [int(v) for v in rng.choice([1, 2, 2, 3, 4], 2)]
    padding = str(rng.choice(["SAME", "VALID"]))
    out = []
    for size, reach, step in zip(sizes, window, stride, strict=True):
        full = size * step - int(rng.integers(0, step)) if padding == "SAME" else (size - 1) * step + reach
        out.append(full if rng.random() < 0.8 else int(rng.integers(1, 20)))
    batch, in_c, out_c = int(rng.choice([1, 1, 2])), int(rng.choice(_SIZES)), int(rng.choice(_SIZES))
    layer = _Layer((batch, *sizes, in_c), (out_c, *window, in_c), (batch, *out, out_c))
    options: dict[str, object] = {"padding": padding, "stride_h": stride[0], "stride_w": stride[1]}
    if label == "int8" and rng.random() < 0.04:
        label = "int8, int4 weights"  # refused
    return _case(rng, label, "TRANSPOSE_CONV", layer, options)


def _case(rng: np.random.Generator, label: str, kind: str, layer: _Layer, options: dict[str, object]) -> Case:
    dtype = label.split(",")[0]
    activation = str(rng.choice(_ACTIVATIONS))
    model = ModelBuilder()
    # TFLite-Micro refuses int4 weights of a FULLY_CONNECTED that have a scale per channel
    one_scale = rng.random() < (0.9 if kind == "FULLY_CONNECTED" and label.endswith("int4 weights") else 0.4)
    scales = np.float32(2.0 ** rng.uniform(-14, -2, 1 if one_scale else layer.channels))
    source_scale = np.float32(2.0 ** rng.uniform(-9, 1))
    # outputs mostly in range, some saturated, some tiny
    range_of = {"int8": 7, "int16": 7}.get(dtype, 0)
    spread = np.float32(np.median(scales) * np.sqrt(layer.taps) * 2.0 ** (rng.uniform(-4, 4) + range_of))
    target_scale = np.float32(source_scale * spread)
    if dtype == "float32":
        source, target, weights_quantization = {}, {}, {}
    else:
        points = (int(v) for v in (rng.integers(-128, 128, 2) if dtype == "int8" else (0, 0)))
        source = {"scale": source_scale, "zero_point": next(points)}
        target = {"scale": target_scale, "zero_point": next(points)}
        weights_quantization = {"scale": scales, "zero_point": 0, "axis": layer.axis}
        if kind == "FULLY_CONNECTED" and len(scales) == 1 and rng.random() < 0.2:
            weights_quantization["zero_point"] = int(rng.integers(-128, 128))
    x = model.input(layer.source, dtype, **source)
    w = _weights(rng, model, label, layer.weights, weights_quantization)
    y = model.output(layer.target, dtype, **target)
    b = _bias(rng, model, kind, dtype, layer, source_scale * scales)
    inputs = [x, w]
    if kind == "TRANSPOSE_CONV":
        inputs = [model.const(np.array(layer.target, np.int32)), w, x]
    inputs += [] if b is None else [b]
    model.op(kind, inputs, [y], fused_activation_function=activation, **options)
    return Case(model, atol=1e-4)


def _weights(
    rng: np.random.Generator, model: ModelBuilder, label: str, shape: tuple[int, ...], quantization: dict[str, object]
) -> int:
    if label == "float32":
        if rng.random() < 0.2:
            return model.input(shape, "float32")
        return model.const(rng.standard_normal(shape).astype(np.float32))
    if label.endswith("int4 weights"):
        packed = rng.integers(0, 256, (int(np.prod(shape)) + 1) // 2).astype(np.uint8)
        return model.const(packed, "int4", shape=shape, **quantization)
    if rng.random() < 0.2:
        return model.input(shape, "int8", **quantization)
    values = rng.integers(-128, 128, shape).astype(np.int8)
    if rng.random() < 0.2:
        values[..., rng.random(shape[-1]) < 0.5] = 0
    return model.const(values, **quantization)


def _bias(
    rng: np.random.Generator, model: ModelBuilder, kind: str, dtype: str, layer: _Layer, scales: np.ndarray
) -> int | None:
    if rng.random() < 0.25:
        return None
    if dtype == "float32":
        return model.const(rng.standard_normal(layer.channels).astype(np.float32))
    wide = 2.0 ** rng.uniform(4, 30 if dtype == "int8" else 42)
    stored = "int32"
    if dtype == "int16":
        stored = "int64" if rng.random() < 0.6 or kind == "DEPTHWISE_CONV_2D" else "int32"
        if kind == "TRANSPOSE_CONV" and stored == "int32":
            stored = "int16"
        if kind == "CONV_2D" and rng.random() < 0.05:
            stored = "int16"  # refused
    limit = min(wide, {"int16": 2**15, "int32": 2**30, "int64": 2**46}[stored])
    values = rng.integers(-int(limit), int(limit), layer.channels).astype(stored)
    return model.const(values, scale=scales, zero_point=0)
