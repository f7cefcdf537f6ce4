"""Builds small .tflite files for tests, with the schema's object API.

    m = ModelBuilder()
    x = m.input((1, 8, 8, 4), "int8", scale=0.5, zero_point=-3)
    w = m.const(weights, scale=[...], zero_point=[...], axis=0)
    y = m.output((1, 8, 8, 16), "int8", scale=0.25, zero_point=7)
    m.op("CONV_2D", [x, w, None], [y], padding="SAME", stride_h=1, stride_w=1, fused_activation_function="RELU")
    data = m.build()

Tensors are plain indices. Options are the fields of the operator's options table in snake case; a field that does
not exist raises AttributeError, so a test cannot set something that is silently dropped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

Floats = float | Sequence[float] | np.ndarray
Ints = int | Sequence[int] | np.ndarray

# Operators whose options table is not simply their name in camel case.
_OPTIONS_TABLE = {
    "AVERAGE_POOL_2D": "Pool2DOptions",
    "MAX_POOL_2D": "Pool2DOptions",
    "L2_POOL_2D": "Pool2DOptions",
    "MEAN": "ReducerOptions",
    "SUM": "ReducerOptions",
    "REDUCE_MAX": "ReducerOptions",
    "REDUCE_MIN": "ReducerOptions",
    "REDUCE_ALL": "ReducerOptions",
    "BATCH_MATMUL": "BatchMatMulOptions",
    "L2_NORMALIZATION": "L2NormOptions",
    "UNIDIRECTIONAL_SEQUENCE_LSTM": "UnidirectionalSequenceLSTMOptions",
    "SVDF": "SVDFOptions",
    "SELECT_V2": "SelectV2Options",
    "ADD_N": "AddNOptions",
    "GATHER_ND": "GatherNdOptions",
    "SPLIT_V": "SplitVOptions",
    "REVERSE_V2": "ReverseV2Options",
    "ARG_MAX": "ArgMaxOptions",
    "ARG_MIN": "ArgMinOptions",
    "BATCH_TO_SPACE_ND": "BatchToSpaceNDOptions",
    "SPACE_TO_BATCH_ND": "SpaceToBatchNDOptions",
    "PADV2": "PadV2Options",
    "MAXIMUM": "MaximumMinimumOptions",
    "MINIMUM": "MaximumMinimumOptions",
    "CONV_2D": "Conv2DOptions",
    "DEPTHWISE_CONV_2D": "DepthwiseConv2DOptions",
    # These have no options table at all.
    "LOGISTIC": None,
    "TANH": None,
    "RELU": None,
    "RELU6": None,
    "RELU_N1_TO_1": None,
    "CEIL": None,
    "ELU": None,
    "FLOOR": None,
    "LOG": None,
    "PRELU": None,
    "ROUND": None,
    "RSQRT": None,
    "SIN": None,
    "SQRT": None,
    "BROADCAST_ARGS": None,
    "EMBEDDING_LOOKUP": None,
}
_ENUMS = {
    "padding": schema.Padding,
    "fused_activation_function": schema.ActivationFunctionType,
    "weights_format": schema.FullyConnectedOptionsWeightsFormat,
    "mode": schema.MirrorPadMode,
    "output_type": schema.TensorType,
    "out_type": schema.TensorType,
    "in_data_type": schema.TensorType,
    "out_data_type": schema.TensorType,
}


class ModelBuilder:
    """A model, or one subgraph of it, under construction.

    ``inputs`` and ``outputs`` are tensor indices in the order they were made.
    """

    def __init__(self, name: str = "test") -> None:
        self.name = name
        self.inputs: list[int] = []
        self.outputs: list[int] = []
        self._tensors: list[Any] = []
        self._operators: list[Any] = []
        self._codes: list[tuple[int, int, str]] = []
        self._buffers: list[Any] = [schema.BufferT()]
        self._subgraphs: list[ModelBuilder] = [self]

    def subgraph(self, name: str) -> tuple[int, ModelBuilder]:
        """A further subgraph of the file, to be filled in as the main one is, and its index for operators' options."""
        further = ModelBuilder(name)
        further._codes, further._buffers, further._subgraphs = self._codes, self._buffers, self._subgraphs
        self._subgraphs.append(further)
        return len(self._subgraphs) - 1, further

    def input(self, shape: Sequence[int], dtype: str = "int8", **quantization: Any) -> int:
        """A tensor the caller sets. ``dtype`` is a schema name in any case; see ``tensor`` for the rest."""
        self.inputs.append(self.tensor(shape, dtype, **quantization))
        return self.inputs[-1]

    def output(self, shape: Sequence[int], dtype: str = "int8", **quantization: Any) -> int:
        """A tensor the caller reads."""
        self.outputs.append(self.tensor(shape, dtype, **quantization))
        return self.outputs[-1]

    def const(
        self,
        values: np.ndarray,
        dtype: str | None = None,
        *,
        shape: Sequence[int] | None = None,
        **quantization: Any,
    ) -> int:
        """A constant tensor; ``dtype`` and ``shape`` default to those of ``values`` (packed int4 has others)."""
        label = dtype or {"bool": "bool"}.get(values.dtype.name, values.dtype.name)
        index = self.tensor(values.shape if shape is None else shape, label, **quantization)
        buffer = schema.BufferT()
        raw = np.frombuffer(np.ascontiguousarray(values).tobytes(), np.uint8)
        buffer.data = raw
        self._buffers.append(buffer)
        self._tensors[index].buffer = len(self._buffers) - 1
        return index

    def tensor(
        self,
        shape: Sequence[int],
        dtype: str = "int8",
        *,
        scale: Floats | None = None,
        zero_point: Ints | None = None,
        axis: int = 0,
        name: str | None = None,
        variable: bool = False,
    ) -> int:
        """A tensor inside the graph. Without ``scale`` it has no quantization; sequences make it per channel."""
        tensor = schema.TensorT()
        tensor.shape = [int(d) for d in shape]
        tensor.type = getattr(schema.TensorType, dtype.upper())
        tensor.name = name or f"t{len(self._tensors)}"
        tensor.buffer = 0
        tensor.isVariable = variable
        if scale is not None:
            quantization = schema.QuantizationParametersT()
            quantization.scale = [float(s) for s in np.atleast_1d(np.asarray(scale, np.float32))]
            points = np.atleast_1d(np.asarray(0 if zero_point is None else zero_point, np.int64))
            if len(points) == 1:
                points = np.repeat(points, len(quantization.scale))
            quantization.zeroPoint = [int(z) for z in points]
            quantization.quantizedDimension = axis
            tensor.quantization = quantization
        self._tensors.append(tensor)
        return len(self._tensors) - 1

    def op(
        self,
        kind: str,
        inputs: Sequence[int | None],
        outputs: Sequence[int],
        *,
        version: int = 1,
        custom_code: str = "",
        custom_options: bytes = b"",
        **options: Any,
    ) -> int:
        """Append an operator (schema name); None in ``inputs`` is an absent optional input. Returns its index."""
        operator = schema.OperatorT()
        if custom_options:
            operator.customOptions = np.frombuffer(custom_options, np.uint8)
        operator.opcodeIndex = self._code(getattr(schema.BuiltinOperator, kind), version, custom_code)
        operator.inputs = [-1 if i is None else i for i in inputs]
        operator.outputs = list(outputs)
        table = _OPTIONS_TABLE.get(kind, _camel(kind) + "Options")
        if table is not None and hasattr(schema.BuiltinOptions, table):
            operator.builtinOptionsType = getattr(schema.BuiltinOptions, table)
            operator.builtinOptions = getattr(schema, table + "T")()
            for key, value in options.items():
                _set(operator.builtinOptions, key, value)
        elif options:
            raise AttributeError(f"{kind} has no options, got {sorted(options)}")
        self._operators.append(operator)
        return len(self._operators) - 1

    def change(self, index: int, *, dtype: str | None = None, scale: float | None = None) -> None:
        """Give a tensor that is there another type or scale."""
        if dtype is not None:
            self._tensors[index].type = getattr(schema.TensorType, dtype.upper())
        if scale is not None:
            self._tensors[index].quantization.scale = [scale]

    def retype(self, old: str, new: str, values: Callable[[np.ndarray], np.ndarray]) -> None:
        """Give all tensors of a type another one, and constants among them other values."""
        kinds = [getattr(schema.TensorType, name.upper()) for name in (old, new)]
        for tensor in (tensor for tensor in self._tensors if tensor.type == kinds[0]):
            buffer = self._buffers[tensor.buffer]
            if buffer.data is not None:
                content = values(np.frombuffer(np.asarray(buffer.data, np.uint8).tobytes(), old)).astype(new)
                buffer.data = np.frombuffer(content.tobytes(), np.uint8)
            tensor.type = kinds[1]

    def variables_of(self, kind: str) -> list[int]:
        """Tensors that are no constants of the operators of a kind (schema name or custom code)."""
        names = {value: name for name, value in vars(schema.BuiltinOperator).items()}
        found = [
            o for o in self._operators for b, _, custom in [self._codes[o.opcodeIndex]] if kind in (names[b], custom)
        ]
        ids = {i for operator in found for i in (*operator.inputs, *operator.outputs) if i >= 0}
        return sorted(i for i in ids if self._tensors[i].buffer == 0)

    def build(self) -> bytes:
        """The finished file."""
        model = schema.ModelT()
        model.version = 3
        model.description = self.name
        model.operatorCodes = []
        for builtin, version, custom in self._codes:
            code = schema.OperatorCodeT()
            code.builtinCode = builtin
            code.deprecatedBuiltinCode = min(builtin, 127)
            code.version = version
            code.customCode = custom or None
            model.operatorCodes.append(code)
        model.subgraphs = [one._table("main" if one is self else one.name) for one in self._subgraphs]
        model.buffers = self._buffers
        packer = flatbuffers.Builder(1024)
        packer.Finish(model.Pack(packer), b"TFL3")
        return bytes(packer.Output())

    def _table(self, name: str) -> Any:
        subgraph = schema.SubGraphT()
        subgraph.name = name
        subgraph.tensors = self._tensors
        subgraph.operators = self._operators
        subgraph.inputs = self.inputs
        subgraph.outputs = self.outputs
        return subgraph

    def _code(self, builtin: int, version: int, custom: str) -> int:
        key = (builtin, version, custom)
        if key not in self._codes:
            self._codes.append(key)
        return self._codes.index(key)


def _set(table: Any, key: str, value: Any) -> None:
    if isinstance(value, str) and key in _ENUMS:
        value = getattr(_ENUMS[key], value)
    words = key.split("_")
    attribute = words[0] + "".join(w.capitalize() for w in words[1:])
    if not hasattr(table, attribute):
        raise AttributeError(f"{type(table).__name__} has no field {key!r} ({attribute})")
    setattr(table, attribute, value)


def _camel(kind: str) -> str:
    return re.sub(r"_?([A-Z0-9]+)", lambda m: m.group(1).capitalize(), kind)
