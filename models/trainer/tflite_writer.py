"""A .tflite file, one tensor and one operator after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

_VERSIONS = {  # of the int8 variants, from the schema's operator version table
    "AVERAGE_POOL_2D": 2,
    "CONV_2D": 3,
    "DEPTHWISE_CONV_2D": 3,
    "FULLY_CONNECTED": 4,
    "MAX_POOL_2D": 2,
    "RESHAPE": 1,
    "SOFTMAX": 2,
}


@dataclass(frozen=True)
class Value:
    """A tensor of the file; ``scale`` and ``zero_point`` of activations."""

    index: int
    shape: tuple[int, ...]
    scale: float
    zero_point: int


class Writer:
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

    def activation(self, name: str, shape: Sequence[int], scale: float, zero_point: int) -> Value:
        quantization = self._quantization(np.array([scale], np.float32), np.array([zero_point]), 0)
        full = (1, *(int(d) for d in shape))
        index = self._tensor(name, full, schema.TensorType.INT8, 0, quantization)
        return Value(index, full, scale, zero_point)

    def constant(self, name: str, data: np.ndarray, scales: np.ndarray | None = None, axis: int = 0) -> Value:
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(data.tobytes(), np.uint8)
        self._model.buffers.append(buffer)
        kind = schema.TensorType.INT8 if data.dtype == np.int8 else schema.TensorType.INT32
        quantization = None if scales is None else self._quantization(scales, np.zeros(len(scales), np.int64), axis)
        index = self._tensor(name, data.shape, kind, len(self._model.buffers) - 1, quantization)
        return Value(index, data.shape, 0.0, 0)

    def operator(self, kind: str, inputs: Sequence[Value], output: Value, options: object) -> None:
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
