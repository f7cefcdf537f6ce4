"""Writes small .tflite files: what front ends without a converter of their own need.

The schema's object API comes with ai-edge-litert.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinykit.convert.extras import require
from tinykit.graph.types import DType

# Versions of the float32 variants, from the schema's operator version table (register.cc of TensorFlow Lite).
_VERSIONS = {"FULLY_CONNECTED": 1, "SOFTMAX": 1, "LOGISTIC": 1, "TANH": 1, "RELU": 1, "MUL": 1}


class ModelWriter:
    """One subgraph under construction; tensors are plain indices.

    Raises:
        ToolMissing: ai-edge-litert is not installed (on construction).
    """

    def __init__(self, description: str) -> None:
        self._schema: Any = require("ai_edge_litert.schema_py_generated", "convert", "conversions")
        self._model = self._schema.ModelT()
        self._model.version = 3
        self._model.description = description
        self._model.operatorCodes = []
        self._model.buffers = [self._schema.BufferT()]
        self._graph = self._schema.SubGraphT()
        self._graph.name = "main"
        self._graph.tensors, self._graph.operators = [], []
        self._codes: dict[str, int] = {}

    def tensor(
        self,
        name: str,
        shape: Sequence[int],
        data: np.ndarray | None = None,
        *,
        dtype: DType = DType.FLOAT32,
        affine: tuple[float, int] | None = None,
    ) -> int:
        """A tensor; a constant with ``data``. ``affine``: scale and zero point."""
        schema = self._schema
        tensor = schema.TensorT()
        tensor.name, tensor.shape = name, [int(d) for d in shape]
        tensor.type = dtype.value
        tensor.buffer = 0
        if affine is not None:
            tensor.quantization = schema.QuantizationParametersT()
            tensor.quantization.scale, tensor.quantization.zeroPoint = [affine[0]], [affine[1]]
        if data is not None:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(np.ascontiguousarray(data, dtype.numpy).tobytes(), np.uint8)
            self._model.buffers.append(buffer)
            tensor.buffer = len(self._model.buffers) - 1
        self._graph.tensors.append(tensor)
        return len(self._graph.tensors) - 1

    def dense(self, name: str, source: int, weights: np.ndarray, bias: np.ndarray, *, relu: bool) -> int:
        """FULLY_CONNECTED. ``weights`` (outputs, inputs), ``bias`` (outputs,); gives (1, outputs)."""
        options = self._schema.FullyConnectedOptionsT()
        options.fusedActivationFunction = int(relu)  # ActivationFunctionType: NONE is 0, RELU is 1
        inputs = [
            source,
            self.tensor(f"{name}/weights", weights.shape, weights),
            self.tensor(f"{name}/bias", bias.shape, bias),
        ]
        return self._operator("FULLY_CONNECTED", inputs, name, (1, len(bias)), "FullyConnectedOptions", options)

    def multiply(self, name: str, source: int, factors: np.ndarray) -> int:
        """MUL of (1, width) by constants (width,)."""
        width = len(factors)
        inputs = [source, self.tensor(f"{name}/factors", (1, width), factors)]
        return self._operator("MUL", inputs, name, (1, width), "MulOptions", self._schema.MulOptionsT())

    def softmax(self, name: str, source: int, width: int) -> int:
        """SOFTMAX over (1, width)."""
        options = self._schema.SoftmaxOptionsT()
        options.beta = 1.0
        return self._operator("SOFTMAX", [source], name, (1, width), "SoftmaxOptions", options)

    def activation(self, kind: str, name: str, source: int, width: int) -> int:
        """LOGISTIC or TANH over (1, width)."""
        return self._operator(kind, [source], name, (1, width), None, None)

    def custom(self, code: str, inputs: list[int], output: int) -> None:
        """An operator that the schema does not have."""
        schema = self._schema
        entry = schema.OperatorCodeT()
        entry.builtinCode = entry.deprecatedBuiltinCode = schema.BuiltinOperator.CUSTOM
        entry.customCode, entry.version = code, 1
        self._model.operatorCodes.append(entry)
        operator = schema.OperatorT()
        operator.opcodeIndex = len(self._model.operatorCodes) - 1
        operator.inputs, operator.outputs = inputs, [output]
        self._graph.operators.append(operator)

    def finish(self, inputs: Sequence[int], outputs: Sequence[int]) -> bytes:
        """The file."""
        self._graph.inputs, self._graph.outputs = list(inputs), list(outputs)
        self._model.subgraphs = [self._graph]
        return pack(self._model)

    def _operator(
        self, kind: str, inputs: list[int], name: str, shape: tuple[int, ...], table: str | None, options: Any
    ) -> int:
        schema = self._schema
        operator = schema.OperatorT()
        if kind not in self._codes:
            code = schema.OperatorCodeT()
            code.builtinCode = getattr(schema.BuiltinOperator, kind)
            code.deprecatedBuiltinCode = min(code.builtinCode, 127)
            code.version = _VERSIONS[kind]
            self._codes[kind] = len(self._model.operatorCodes)
            self._model.operatorCodes.append(code)
        operator.opcodeIndex = self._codes[kind]
        operator.inputs = inputs
        operator.outputs = [self.tensor(name, shape)]
        if table is not None:
            operator.builtinOptionsType = getattr(schema.BuiltinOptions, table)
            operator.builtinOptions = options
        self._graph.operators.append(operator)
        return int(operator.outputs[0])


def pack(model: Any) -> bytes:
    """The schema's ``ModelT`` as bytes of a .tflite file."""
    flatbuffers = require("flatbuffers", "convert", "conversions")
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def unpack(tflite: bytes) -> Any:
    """A .tflite file as the schema's ``ModelT``. The bytes have to be checked by ``parse_model`` before."""
    schema: Any = require("ai_edge_litert.schema_py_generated", "convert", "conversions")
    return schema.ModelT.InitFromPackedBuf(tflite, 0)
