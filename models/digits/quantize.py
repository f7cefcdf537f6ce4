"""Post-training quantization to int8, and the .tflite file.

The scheme is TFLite's "8-bit quantization specification": activations int8 with zero point, weights int8 symmetric
per output channel (per tensor in the dense layer), biases int32 with scale input * weights. Ranges of activations are
their extremes over the calibration images.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from network import Conv2D, Dense, DepthwiseConv2D, Layer, MaxPool2x2, run

INPUT_SCALE = 1 / 255  # 0..1 over all 256 values
INPUT_ZERO_POINT = -128
SOFTMAX_SCALE = 1 / 256  # fixed by the specification
SOFTMAX_ZERO_POINT = -128
_VERSIONS = {  # of the int8 variants, from the schema's operator version table
    "CONV_2D": 3,
    "DEPTHWISE_CONV_2D": 3,
    "FULLY_CONNECTED": 4,
    "MAX_POOL_2D": 2,
    "RESHAPE": 1,
    "SOFTMAX": 2,
}


def quantize_input(images: np.ndarray) -> np.ndarray:
    """Images in 0..1 as the model's int8 input."""
    return (np.round(images / INPUT_SCALE) + INPUT_ZERO_POINT).astype(np.int8)


def quantize_network(layers: Sequence[Layer], calibration: np.ndarray) -> bytes:
    """The network, with a SOFTMAX at its end, as a .tflite file.

    Args:
        calibration: images (N, height, width, 1) in 0..1.
    """
    writer = _Writer("tinykit digits: scikit-learn's handwritten digits, int8")
    values = run(layers, calibration)
    current = writer.activation("image", values[0].shape[1:], INPUT_SCALE, INPUT_ZERO_POINT)
    writer.inputs = [current.index]
    for layer, value in zip(layers, values[1:], strict=True):
        current = _add_layer(writer, layer, current, value)
    output = writer.activation("probabilities", current.shape[1:], SOFTMAX_SCALE, SOFTMAX_ZERO_POINT)
    softmax = schema.SoftmaxOptionsT()
    softmax.beta = 1.0
    writer.operator("SOFTMAX", [current], output, softmax)
    writer.outputs = [output.index]
    return writer.finish()


@dataclass(frozen=True)
class _Value:
    """A tensor of the file; ``scale`` and ``zero_point`` of activations."""

    index: int
    shape: tuple[int, ...]
    scale: float
    zero_point: int


def _add_layer(writer: _Writer, layer: Layer, source: _Value, value: np.ndarray) -> _Value:
    if isinstance(layer, MaxPool2x2):
        # Pooling does not requantize: its output has its input's scale.
        output = writer.activation(layer.name, value.shape[1:], source.scale, source.zero_point)
        writer.operator("MAX_POOL_2D", [source], output, _pool_options())
        return output
    scale, zero_point = _activation_range(value)
    output = writer.activation(layer.name, value.shape[1:], scale, zero_point)
    weights, bias = layer.parameters
    if isinstance(layer, Conv2D):
        filters, options = np.moveaxis(weights, -1, 0), _conv_options()
        _add_weighted(writer, "CONV_2D", source, output, filters, bias, options, axis=0)
    elif isinstance(layer, DepthwiseConv2D):
        _add_weighted(
            writer, "DEPTHWISE_CONV_2D", source, output, weights[np.newaxis], bias, _depthwise_options(), axis=3
        )
    else:
        assert isinstance(layer, Dense)
        flat = writer.activation("flat", (len(weights),), source.scale, source.zero_point)
        shape = writer.constant("flat_shape", np.array([1, len(weights)], np.int32))
        writer.operator("RESHAPE", [source, shape], flat, _reshape_options([1, len(weights)]))
        options = schema.FullyConnectedOptionsT()
        _add_weighted(writer, "FULLY_CONNECTED", flat, output, weights.T, bias, options, axis=None)
    return output


def _add_weighted(
    writer: _Writer,
    kind: str,
    source: _Value,
    output: _Value,
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


def _activation_range(value: np.ndarray) -> tuple[float, int]:
    """Scale and zero point that map the extremes, and exactly zero, onto int8."""
    low, high = min(0.0, float(value.min())), max(0.0, float(value.max()))
    scale = (high - low) / 255
    return float(np.float32(scale)), int(np.clip(round(-128 - low / scale), -128, 127))


def _conv_options() -> object:
    options = schema.Conv2DOptionsT()
    options.padding = schema.Padding.SAME
    options.strideW = options.strideH = 1
    options.fusedActivationFunction = schema.ActivationFunctionType.RELU
    return options


def _depthwise_options() -> object:
    options = schema.DepthwiseConv2DOptionsT()
    options.padding = schema.Padding.SAME
    options.strideW = options.strideH = options.depthMultiplier = 1
    options.fusedActivationFunction = schema.ActivationFunctionType.RELU
    return options


def _pool_options() -> object:
    options = schema.Pool2DOptionsT()
    options.padding = schema.Padding.VALID
    options.strideW = options.strideH = options.filterWidth = options.filterHeight = 2
    return options


def _reshape_options(shape: list[int]) -> object:
    options = schema.ReshapeOptionsT()
    options.newShape = shape
    return options


class _Writer:
    """Collects tensors and operators of one subgraph. Activations have a batch dimension of 1 in front."""

    def __init__(self, description: str) -> None:
        self._model = schema.ModelT()
        self._model.version = 3
        self._model.description = description
        self._model.buffers = [schema.BufferT()]  # buffer 0 is empty, by convention
        self._model.operatorCodes = []
        self._codes: dict[str, int] = {}
        self._graph = schema.SubGraphT()
        self._graph.name = "main"
        self._graph.tensors = []
        self._graph.operators = []
        self._model.subgraphs = [self._graph]
        self.inputs: list[int] = []
        self.outputs: list[int] = []

    def activation(self, name: str, shape: Sequence[int], scale: float, zero_point: int) -> _Value:
        quantization = self._quantization(np.array([scale], np.float32), np.array([zero_point]), 0)
        full = (1, *(int(d) for d in shape))
        index = self._tensor(name, full, schema.TensorType.INT8, 0, quantization)
        return _Value(index, full, scale, zero_point)

    def constant(self, name: str, data: np.ndarray, scales: np.ndarray | None = None, axis: int = 0) -> _Value:
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(data.tobytes(), np.uint8)
        self._model.buffers.append(buffer)
        kind = schema.TensorType.INT8 if data.dtype == np.int8 else schema.TensorType.INT32
        quantization = None if scales is None else self._quantization(scales, np.zeros(len(scales), np.int64), axis)
        index = self._tensor(name, data.shape, kind, len(self._model.buffers) - 1, quantization)
        return _Value(index, data.shape, 0.0, 0)

    def operator(self, kind: str, inputs: Sequence[_Value], output: _Value, options: object) -> None:
        op = schema.OperatorT()
        op.opcodeIndex = self._code(kind)
        op.inputs = [value.index for value in inputs]
        op.outputs = [output.index]
        op.builtinOptions = options
        op.builtinOptionsType = getattr(schema.BuiltinOptions, type(options).__name__.removesuffix("T"))
        self._graph.operators.append(op)

    def finish(self) -> bytes:
        self._graph.inputs = self.inputs
        self._graph.outputs = self.outputs
        builder = flatbuffers.Builder(16384)
        builder.Finish(self._model.Pack(builder), b"TFL3")
        return bytes(builder.Output())

    def _code(self, kind: str) -> int:
        if kind not in self._codes:
            code = schema.OperatorCodeT()
            code.builtinCode = code.deprecatedBuiltinCode = getattr(schema.BuiltinOperator, kind)
            code.version = _VERSIONS[kind]
            self._codes[kind] = len(self._model.operatorCodes)
            self._model.operatorCodes.append(code)
        return self._codes[kind]

    def _tensor(self, name: str, shape: Sequence[int], kind: int, buffer: int, quantization: object) -> int:
        tensor = schema.TensorT()
        tensor.name = name
        tensor.shape = list(shape)
        tensor.type = kind
        tensor.buffer = buffer
        tensor.quantization = quantization
        self._graph.tensors.append(tensor)
        return len(self._graph.tensors) - 1

    @staticmethod
    def _quantization(scales: np.ndarray, zero_points: np.ndarray, axis: int) -> object:
        quantization = schema.QuantizationParametersT()
        quantization.scale = [float(s) for s in scales]
        quantization.zeroPoint = [int(z) for z in zero_points]
        quantization.quantizedDimension = axis
        return quantization
