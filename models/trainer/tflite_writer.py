"""A .tflite file, one tensor and one operator after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from flatbuffers import flexbuffers

_VERSIONS = {  # of the int8 variants where it is not 1, from the schema's operator version table
    "AVERAGE_POOL_2D": 2,
    "CONV_2D": 3,
    "DEPTHWISE_CONV_2D": 3,
    "FULLY_CONNECTED": 4,
    "MAX_POOL_2D": 2,
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
        self._codes: dict[tuple[int, str], int] = {}
        self._graph = schema.SubGraphT()
        self._graph.name = "main"
        self._graph.tensors = []
        self._graph.operators = []
        self._model.subgraphs = [self._graph]
        self.inputs: list[int] = []
        self.outputs: list[int] = []

    def tensor(
        self,
        name: str,
        shape: Sequence[int],
        dtype: str,
        scale: float | None = None,
        zero_point: int = 0,
        *,
        variable: bool = False,
    ) -> Value:
        """Any tensor that is no constant; ``variable`` where it keeps its value from run to run."""
        kind = getattr(schema.TensorType, dtype.upper())
        quantization = None
        if scale is not None:
            quantization = self._quantization(np.array([scale], np.float32), np.array([zero_point]), 0)
        index = self._tensor(name, tuple(int(d) for d in shape), kind, 0, quantization)
        self._graph.tensors[index].isVariable = variable
        return Value(index, tuple(shape), scale or 0.0, zero_point)

    def activation(self, name: str, shape: Sequence[int], scale: float, zero_point: int) -> Value:
        quantization = self._quantization(np.array([scale], np.float32), np.array([zero_point]), 0)
        full = (1, *(int(d) for d in shape))
        index = self._tensor(name, full, schema.TensorType.INT8, 0, quantization)
        return Value(index, full, scale, zero_point)

    def constant(self, name: str, data: np.ndarray, scales: np.ndarray | None = None, axis: int = 0) -> Value:
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(data.tobytes(), np.uint8)
        self._model.buffers.append(buffer)
        kind = getattr(schema.TensorType, data.dtype.name.upper())
        quantization = None if scales is None else self._quantization(scales, np.zeros(len(scales), np.int64), axis)
        index = self._tensor(name, data.shape, kind, len(self._model.buffers) - 1, quantization)
        return Value(index, data.shape, 0.0, 0)

    def operator(
        self, kind: str, inputs: Sequence[Value], output: Value | Sequence[Value], options: object | None = None
    ) -> None:
        op = self._operator(self._code(getattr(schema.BuiltinOperator, kind), _VERSIONS.get(kind, 1)), inputs, output)
        if options is not None:
            op.builtinOptions = options
            op.builtinOptionsType = getattr(schema.BuiltinOptions, type(options).__name__.removesuffix("T"))

    def custom(self, code: str, inputs: Sequence[Value], output: Value | Sequence[Value], **options: float) -> None:
        """An operator outside the schema; ``options`` as the map that TFLite-Micro's operators read."""
        op = self._operator(self._code(schema.BuiltinOperator.CUSTOM, 1, code), inputs, output)
        if options:
            op.customOptions = np.frombuffer(flexbuffers.Dumps(options), np.uint8)

    def finish(self) -> bytes:
        self._graph.inputs = self.inputs
        self._graph.outputs = self.outputs
        builder = flatbuffers.Builder(16384)
        builder.Finish(self._model.Pack(builder), b"TFL3")
        return bytes(builder.Output())

    def _operator(self, code: int, inputs: Sequence[Value], output: Value | Sequence[Value]) -> schema.OperatorT:
        op = schema.OperatorT()
        op.opcodeIndex = code
        op.inputs = [value.index for value in inputs]
        op.outputs = [value.index for value in ([output] if isinstance(output, Value) else output)]
        self._graph.operators.append(op)
        return op

    def _code(self, builtin: int, version: int, custom: str = "") -> int:
        key = (builtin, custom)
        if key not in self._codes:
            code = schema.OperatorCodeT()
            code.builtinCode = builtin
            code.deprecatedBuiltinCode = min(builtin, 127)
            code.version = version
            code.customCode = custom or None
            self._codes[key] = len(self._model.operatorCodes)
            self._model.operatorCodes.append(code)
        return self._codes[key]

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
