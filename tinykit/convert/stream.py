"""A model that is fed a stream: frames go in, and a decision comes out whenever enough of them are there.

Extraction of features, a buffer of the last features, and the model become one .tflite file of operators that
TFLite-Micro has: the features' own, CIRCULAR_BUFFER, and IF around the model, which is executed only when it is due.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinykit.convert.extras import require
from tinykit.convert.writer import pack, unpack
from tinykit.errors import InputError, UnsupportedModel
from tinykit.graph.reader import parse_model
from tinykit.graph.types import DType, Graph, Tensor

_BUFFER = "CIRCULAR_BUFFER"
_QUANTIZES = (DType.FLOAT32, DType.INT16, DType.INT32)
_MOST = 1 << 20


@dataclass(frozen=True)
class Stream:
    """What was made.

    Attributes:
        tflite: the file. Its input is a frame; its outputs are the model's, and a bool that says whether they are new
            (they are zeros otherwise).
        frame: shape of a frame.
        row: numbers that each frame adds to the model's input.
        rows: how many of these the model sees.
        every: it is executed once in so many frames.
    """

    tflite: bytes
    frame: tuple[int, ...]
    row: int
    rows: int
    every: int


def make_stream(
    model: bytes,
    features: bytes | None = None,
    *,
    every: int = 1,
    row: int | None = None,
    where: tuple[str, str] = ("model", "features"),
) -> Stream:
    """Put features, buffer and model together.

    Args:
        model: a .tflite with one int8 input, which is made of rows, the oldest first.
        features: a .tflite that makes one row of one frame; without it, frames are rows. If it has a second output, a
            single bool, that says whether there is a row at all (SignalFramer and SignalStacker make one).
        every: frames from one execution of the model to the next.
        row: numbers in a row, without features; by default what the model's input has for each step of its second
            dimension.
        where: what to call the two in messages.

    Raises:
        InputError: numbers do not fit the models.
        UnsupportedModel: models that cannot be put together.
        ModelError: one of them is damaged.
        ToolMissing: ai-edge-litert is not installed.
    """
    graph = parse_model(model, name="model", where=where[0])
    front = None if features is None else parse_model(features, name="features", where=where[1])
    for one, name in ((graph, where[0]), (front, where[1])):
        if one is not None and one.subgraph_count > 1:
            raise UnsupportedModel(
                "models with several subgraphs cannot be put together", where=name, hint="give one without control flow"
            )
    if not 1 <= every <= _MOST:
        raise InputError(f"a model cannot be executed every {every} frames", hint=f"give a number from 1 to {_MOST}")
    source = _model_input(graph, where[0])
    made, flag = (None, None) if front is None else _row_of(front, where[1])
    if made is not None and row is not None:
        raise InputError("the features say how long a row is", where=where[1], hint="leave out the length of a row")
    width = made.size if made is not None else _width(source, row, where[0])
    if source.size % width:
        raise InputError(
            f"the model's input does not consist of rows of {width}",
            where=where[0],
            why=f"it has {source.size} numbers, shape {list(source.shape)}",
            hint="give features, or a length of rows, that fit",
        )
    joined = _Joined(unpack(model), None if features is None else unpack(features))
    joined.add_model(graph)
    frame = joined.frame(source, width, front)
    joined.finish(source, made, flag, width, every, graph)
    return Stream(pack(joined.result), frame, width, source.size // width, every)


def _model_input(graph: Graph, where: str) -> Tensor:
    tensors = [graph.tensor(i) for i in graph.inputs]
    if len(tensors) != 1 or tensors[0].dtype is not DType.INT8 or tensors[0].quant is None:
        raise UnsupportedModel(
            "the model is not fed by one int8 input",
            where=where,
            why=", ".join(f"{t.name!r} is {t.dtype.label}" for t in tensors),
            hint="quantize it to int8, inputs included: `tinykit convert`",
        )
    return tensors[0]


def _row_of(front: Graph, where: str) -> tuple[Tensor, Tensor | None]:
    """The output that is a row, and the one that says whether it is one."""
    outputs = [front.tensor(i) for i in front.outputs]
    made, flag = outputs[0], outputs[1] if len(outputs) == 2 else None
    if len(outputs) > 2 or (flag is not None and (flag.dtype is not DType.BOOL or flag.size != 1)):
        raise UnsupportedModel(
            "features have one output, and maybe a bool that says whether it is valid",
            where=where,
            why=f"there are {len(outputs)} outputs: {', '.join(f'{t.dtype.label} {list(t.shape)}' for t in outputs)}",
            hint="make the features again with these outputs only",
        )
    if len(front.inputs) != 1:
        raise UnsupportedModel("features are made of one input", where=where, hint="make the features of one input")
    if made.dtype is not DType.INT8 and made.dtype not in _QUANTIZES:
        raise UnsupportedModel(
            f"the features are {made.dtype.label}", where=where, hint="make them int8, int16, int32 or float32"
        )
    if made.dtype is not DType.FLOAT32 and made.quant is None:
        raise UnsupportedModel(
            f"the features are {made.dtype.label} without a scale",
            where=where,
            why="what they mean decides how they become the model's int8 numbers",
            hint="give their tensor a scale, or end them with a CAST to float32",
        )
    return made, flag


def _width(source: Tensor, row: int | None, where: str) -> int:
    if row is not None:
        if row < 1:
            raise InputError(f"a row cannot have {row} numbers", hint="give a number from 1 up")
        return row
    if len(source.shape) < 3:
        raise InputError(
            "how long a row is cannot be told from the model's input",
            where=where,
            why=f"its shape is {list(source.shape)}",
            hint="say how many numbers a row has, or give the features that make it",
        )
    return math.prod(source.shape[2:])


class _Joined:
    """The file under construction: the features' with what follows, or one of its own."""

    def __init__(self, model: Any, features: Any | None) -> None:
        self._schema: Any = require("ai_edge_litert.schema_py_generated", "convert", "conversions")
        schema = self._schema
        self._model = model
        self.result: Any = features
        if features is None:
            self.result = schema.ModelT()
            self.result.version = 3
            self.result.operatorCodes, self.result.buffers = [], [schema.BufferT()]
            main = schema.SubGraphT()
            main.tensors, main.operators, main.inputs, main.outputs = [], [], [], []
            self.result.subgraphs = [main]
        self.result.description = "stream"
        self.result.signatureDefs = self.result.metadata = self.result.metadataBuffer = None
        self._main = self.result.subgraphs[0]
        self._main.name = "main"

    def add_model(self, graph: Graph) -> None:
        """The model as the subgraph 1, and as the subgraph 2 what stands for it when it is not due: zeros."""
        codes, buffers = len(self.result.operatorCodes), len(self.result.buffers)
        self.result.operatorCodes = [*self.result.operatorCodes, *self._model.operatorCodes]
        self.result.buffers = [*self.result.buffers, *self._model.buffers]
        (whole,) = self._model.subgraphs
        for tensor in whole.tensors:
            tensor.buffer = tensor.buffer + buffers if tensor.buffer else 0
        for operator in whole.operators:
            operator.opcodeIndex += codes
        whole.name = "model"
        waiting = self._subgraph("waiting")
        given = self._copy(waiting, whole.tensors[int(whole.inputs[0])])
        waiting.inputs = [given]
        waiting.outputs = self._zeros(waiting, graph)
        self.result.subgraphs = [self._main, whole, waiting]

    def frame(self, source: Tensor, width: int, front: Graph | None) -> tuple[int, ...]:
        """The shape of a frame; without features an input for rows is made."""
        if front is not None:
            return front.tensor(front.inputs[0]).shape
        row = self._tensor(self._main, "frame", (1, width), DType.INT8, source)
        self._main.inputs = [row]
        return (1, width)

    def finish(
        self, source: Tensor, made: Tensor | None, flag: Tensor | None, width: int, every: int, graph: Graph
    ) -> None:
        """Everything from the row to the results."""
        row = int(self._main.inputs[0]) if made is None else made.id
        if made is not None and (made.dtype is not DType.INT8 or not _alike(made, source)):
            quantized = self._tensor(self._main, "quantized", made.shape, DType.INT8, source)
            self._operator(self._main, "QUANTIZE", [row], [quantized], "QuantizeOptions")
            row = quantized
        if flag is None:
            self._main.outputs = self._decide(self._main, row, source, width, every, graph)
            return
        # No row, no step: the buffer and all behind it are a subgraph of their own.
        step = self._subgraph("step")
        step.inputs = [self._copy(step, self._main.tensors[row])]
        step.outputs = self._decide(step, step.inputs[0], source, width, every, graph)
        idle = self._subgraph("idle")
        idle.inputs = [self._copy(idle, self._main.tensors[row])]
        no = self._tensor(idle, "no", (1,), DType.BOOL, data=np.zeros(1, np.bool_))
        idle.outputs = [*self._zeros(idle, graph), no]
        self.result.subgraphs += [step, idle]
        results = [self._copy(self._main, step.tensors[i]) for i in step.outputs]
        self._if(self._main, [flag.id, row], results, self.result.subgraphs.index(step))
        self._main.outputs = results

    def _decide(self, sub: Any, row: int, source: Tensor, width: int, every: int, graph: Graph) -> list[int]:
        """Buffer and model in a subgraph; returns its results."""
        rows = source.size // width
        flat = self._reshaped(sub, row, (1, 1, 1, width), source)
        kept = self._tensor(sub, "rows", (1, rows, 1, width), DType.INT8, source)
        sub.tensors[kept].isVariable = True
        due = self._tensor(sub, "due", (1,), DType.BOOL)
        self._operator(sub, _BUFFER, [flat], [kept, due], None, custom=_options(cycles_max=every))
        whole = self._model.subgraphs[0]
        given = self._reshaped(sub, kept, source.shape, source)
        results = [self._copy(sub, whole.tensors[i]) for i in graph.outputs]
        self._if(sub, [due, given], results, 1)
        return [*results, due]

    def _zeros(self, sub: Any, graph: Graph) -> list[int]:
        """What stands for the model's results where it is not executed."""
        whole = self._model.subgraphs[0]
        results = []
        for output in (graph.tensor(i) for i in graph.outputs):
            zero = output.quant.zero_point if output.quant is not None else 0
            data = np.full(output.shape, zero, output.dtype.numpy)
            results.append(self._copy(sub, whole.tensors[output.id], data))
        return results

    def _if(self, sub: Any, inputs: list[int], outputs: list[int], then: int) -> None:
        """IF with the subgraph ``then``, or else the one that follows it."""
        options = self._schema.IfOptionsT()
        options.thenSubgraphIndex, options.elseSubgraphIndex = then, then + 1
        self._operator(sub, "IF", inputs, outputs, "IfOptions", options)

    def _reshaped(self, sub: Any, tensor: int, shape: tuple[int, ...], like: Tensor) -> int:
        target = self._tensor(sub, f"{sub.tensors[tensor].name} reshaped", shape, DType.INT8, like)
        sizes = self._tensor(sub, "shape", (len(shape),), DType.INT32, data=np.array(shape, np.int32))
        options = self._schema.ReshapeOptionsT()
        options.newShape = list(shape)
        self._operator(sub, "RESHAPE", [tensor, sizes], [target], "ReshapeOptions", options)
        return target

    def _subgraph(self, name: str) -> Any:
        sub = self._schema.SubGraphT()
        sub.name, sub.tensors, sub.operators, sub.inputs, sub.outputs = name, [], [], [], []
        return sub

    def _tensor(
        self,
        sub: Any,
        name: str,
        shape: tuple[int, ...],
        dtype: DType,
        like: Tensor | None = None,
        data: np.ndarray | None = None,
    ) -> int:
        """A new tensor, quantized as another."""
        tensor = self._schema.TensorT()
        tensor.name, tensor.shape, tensor.type, tensor.buffer = name, list(shape), dtype.value, 0
        if like is not None and like.quant is not None:
            tensor.quantization = self._schema.QuantizationParametersT()
            tensor.quantization.scale = [float(like.quant.scale)]
            tensor.quantization.zeroPoint = [like.quant.zero_point]
        return self._append(sub, tensor, data)

    def _copy(self, sub: Any, tensor: Any, data: np.ndarray | None = None) -> int:
        """A tensor of another subgraph, without its contents."""
        copy = self._schema.TensorT()
        copy.name, copy.shape, copy.type = tensor.name, list(tensor.shape), tensor.type
        copy.quantization, copy.buffer = tensor.quantization, 0
        return self._append(sub, copy, data)

    def _append(self, sub: Any, tensor: Any, data: np.ndarray | None) -> int:
        if data is not None:
            buffer = self._schema.BufferT()
            buffer.data = np.frombuffer(np.ascontiguousarray(data).tobytes(), np.uint8)
            self.result.buffers = [*self.result.buffers, buffer]
            tensor.buffer = len(self.result.buffers) - 1
        sub.tensors = [*sub.tensors, tensor]
        return len(sub.tensors) - 1

    def _operator(
        self,
        sub: Any,
        kind: str,
        inputs: list[int],
        outputs: list[int],
        table: str | None,
        options: Any = None,
        custom: bytes | None = None,
    ) -> None:
        schema = self._schema
        operator, code = schema.OperatorT(), schema.OperatorCodeT()
        code.builtinCode = getattr(schema.BuiltinOperator, "CUSTOM" if custom is not None else kind)
        code.deprecatedBuiltinCode, code.version = min(code.builtinCode, 127), 1
        code.customCode = kind if custom is not None else None
        self.result.operatorCodes = [*self.result.operatorCodes, code]
        operator.opcodeIndex = len(self.result.operatorCodes) - 1
        operator.inputs, operator.outputs = inputs, outputs
        if custom is not None:
            operator.customOptions = np.frombuffer(custom, np.uint8)
        elif table is not None:
            operator.builtinOptionsType = getattr(schema.BuiltinOptions, table)
            operator.builtinOptions = options or getattr(schema, f"{table}T")()
        sub.operators = [*sub.operators, operator]


def _alike(a: Tensor, b: Tensor) -> bool:
    return (
        a.quant is not None
        and b.quant is not None
        and (a.quant.scale, a.quant.zero_point) == (b.quant.scale, b.quant.zero_point)
    )


def _options(**values: int) -> bytes:
    """A FlexBuffer map, as custom operators have their options."""
    flexbuffers: Any = require("flatbuffers.flexbuffers", "convert", "conversions")
    return bytes(flexbuffers.Dumps(values))
