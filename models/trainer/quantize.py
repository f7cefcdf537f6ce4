"""Post-training quantization to int8.

The scheme is TFLite's "8-bit quantization specification": activations int8 with zero point, weights int8 symmetric
per output channel (per tensor in dense layers), biases int32 with scale input * weights. Ranges of activations are
their extremes over the calibration samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from trainer.network import Conv2D, Convolution, Dense, DepthwiseConv2D, GlobalAveragePool, Layer, MaxPool2x2, run
from trainer.tflite_writer import Value, Writer

SOFTMAX_SCALE = 1 / 256  # fixed by the specification
SOFTMAX_ZERO_POINT = -128


@dataclass(frozen=True)
class Scale:
    """real = scale * (int8 - zero_point)."""

    scale: float
    zero_point: int

    def quantize(self, values: np.ndarray) -> np.ndarray:
        """The nearest int8; what is outside of the range becomes its end."""
        return np.clip(np.round(values / self.scale) + self.zero_point, -128, 127).astype(np.int8)

    def real(self, values: np.ndarray) -> np.ndarray:
        """int8 as float64."""
        return (values.astype(np.float64) - self.zero_point) * self.scale


def scale_of(values: np.ndarray) -> Scale:
    """Maps the extremes of ``values``, and exactly zero, onto int8."""
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    scale = (high - low) / 255
    return Scale(float(np.float32(scale)), int(np.clip(round(-128 - low / scale), -128, 127)))


def quantize_network(
    layers: Sequence[Layer],
    calibration: np.ndarray,
    *,
    input_name: str,
    input_scale: Scale,
    description: str,
    softmax: bool,
) -> bytes:
    """The network as a .tflite file.

    Args:
        calibration: samples (N, height, width, channels) or (N, features), float32.
        softmax: whether a SOFTMAX follows the last layer.
    """
    writer = Writer(description)
    values = run(layers, calibration)
    current = writer.activation(input_name, values[0].shape[1:], input_scale.scale, input_scale.zero_point)
    writer.inputs = [current.index]
    for layer, value in zip(layers, values[1:], strict=True):
        current = _add_layer(writer, layer, current, value)
    if softmax:
        output = writer.activation("probabilities", current.shape[1:], SOFTMAX_SCALE, SOFTMAX_ZERO_POINT)
        options = schema.SoftmaxOptionsT()
        options.beta = 1.0
        writer.operator("SOFTMAX", [current], output, options)
        current = output
    writer.outputs = [current.index]
    return writer.finish()


def _add_layer(writer: Writer, layer: Layer, source: Value, value: np.ndarray) -> Value:
    if isinstance(layer, MaxPool2x2):
        return _add_pool(writer, "MAX_POOL_2D", layer, source, value, (2, 2))
    if isinstance(layer, GlobalAveragePool):
        return _add_pool(writer, "AVERAGE_POOL_2D", layer, source, value, source.shape[1:3])
    scale = scale_of(value)
    output = writer.activation(layer.name, value.shape[1:], scale.scale, scale.zero_point)
    weights, bias = layer.parameters
    if isinstance(layer, Conv2D):
        filters, options = np.moveaxis(weights, -1, 0), _conv_options(layer)
        _add_weighted(writer, "CONV_2D", source, output, filters, bias, options, axis=0)
    elif isinstance(layer, DepthwiseConv2D):
        filters, options = weights[np.newaxis], _depthwise_options(layer)
        _add_weighted(writer, "DEPTHWISE_CONV_2D", source, output, filters, bias, options, axis=3)
    else:
        assert isinstance(layer, Dense)
        if len(source.shape) > 2:
            source = _add_flatten(writer, source)
        options = _dense_options(layer)
        _add_weighted(writer, "FULLY_CONNECTED", source, output, weights.T, bias, options, axis=None)
    return output


def _add_pool(
    writer: Writer, kind: str, layer: Layer, source: Value, value: np.ndarray, window: Sequence[int]
) -> Value:
    """Pooling does not requantize: its output has its input's scale."""
    output = writer.activation(layer.name, value.shape[1:], source.scale, source.zero_point)
    writer.operator(kind, [source], output, _pool_options(window))
    return output


def _add_flatten(writer: Writer, source: Value) -> Value:
    features = int(np.prod(source.shape))
    flat = writer.activation("flat", (features,), source.scale, source.zero_point)
    shape = writer.constant("flat_shape", np.array([1, features], np.int32))
    options = schema.ReshapeOptionsT()
    options.newShape = [1, features]
    writer.operator("RESHAPE", [source, shape], flat, options)
    return flat


def _add_weighted(
    writer: Writer,
    kind: str,
    source: Value,
    output: Value,
    weights: np.ndarray,
    bias: np.ndarray,
    options: object,
    axis: int | None,
) -> None:
    """``axis``: dimension of the output channels; None quantizes the weights per tensor."""
    others = None if axis is None else tuple(d for d in range(weights.ndim) if d != axis)
    scales = (np.abs(weights).max(others, keepdims=axis is not None) / 127).astype(np.float32)
    quantized = np.round(weights / scales).astype(np.int8)
    scales = scales.reshape(-1)
    bias_scales = np.float32(source.scale) * scales
    quantized_bias = np.round(bias / bias_scales).astype(np.int32)
    w = writer.constant(f"{kind.lower()}_{output.index}_weights", quantized, scales, axis or 0)
    b = writer.constant(f"{kind.lower()}_{output.index}_bias", quantized_bias, bias_scales, 0)
    writer.operator(kind, [source, w, b], output, options)


def _conv_options(layer: Convolution) -> object:
    options = schema.Conv2DOptionsT()
    options.padding = schema.Padding.SAME
    options.strideH, options.strideW = layer.stride
    options.fusedActivationFunction = schema.ActivationFunctionType.RELU
    return options


def _depthwise_options(layer: Convolution) -> object:
    options = schema.DepthwiseConv2DOptionsT()
    options.padding = schema.Padding.SAME
    options.strideH, options.strideW = layer.stride
    options.depthMultiplier = 1
    options.fusedActivationFunction = schema.ActivationFunctionType.RELU
    return options


def _dense_options(layer: Dense) -> object:
    options = schema.FullyConnectedOptionsT()
    if layer.relu:
        options.fusedActivationFunction = schema.ActivationFunctionType.RELU
    return options


def _pool_options(window: Sequence[int]) -> object:
    """Of windows that do not overlap."""
    options = schema.Pool2DOptionsT()
    options.padding = schema.Padding.VALID
    options.strideH, options.strideW = options.filterHeight, options.filterWidth = window
    return options
