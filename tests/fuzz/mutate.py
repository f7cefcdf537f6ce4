"""Changes a model as a table, not as bytes: what comes out can be read, and says something else."""

from __future__ import annotations

from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

_EXTREME = (0, 1, 2, -1, 3, 5, 7, 8, 127, 128, 255, -128, 1 << 15, 1 << 16, (1 << 31) - 1, -(1 << 31))
_REALS = (0.0, 1.0, -1.0, 0.5, 1e-30, 1e30, float("inf"), float("nan"), 2.0**-31, 3.4e38)
_KINDS = [value for name, value in vars(schema.BuiltinOperator).items() if name.isupper()]
_TYPES = [value for name, value in vars(schema.TensorType).items() if name.isupper()]


def mutated(data: bytes, rng: np.random.Generator) -> bytes | None:
    """The model with one to four changes; None if it cannot be read."""
    try:
        model = schema.ModelT.InitFromPackedBuf(data, 0)
        for _ in range(int(rng.integers(1, 5))):
            _change(model, rng)
        packer = flatbuffers.Builder(1024)
        packer.Finish(model.Pack(packer), b"TFL3")
        return bytes(packer.Output())
    except Exception:  # the schema's reader and writer check nothing: anything may come of bytes that are no model
        return None


def _change(model: Any, rng: np.random.Generator) -> None:
    subgraph = _one(model.subgraphs, rng)
    what = int(rng.integers(0, 9))
    tensor, operator = _one(subgraph.tensors, rng), _one(subgraph.operators, rng)
    if what == 0:
        shape = [int(n) for n in tensor.shape if True] if tensor.shape is not None else []
        _change_ints(shape, rng)
        tensor.shape = shape
    elif what == 1:
        tensor.type = int(rng.choice(_TYPES))
    elif what == 2 and tensor.quantization is not None and tensor.quantization.scale is not None:
        scales = [float(v) for v in tensor.quantization.scale]
        points = [int(v) for v in tensor.quantization.zeroPoint]
        if rng.random() < 0.5:
            scales[int(rng.integers(0, len(scales)))] = float(rng.choice(_REALS))
        else:
            _change_ints(points, rng)
        tensor.quantization.scale, tensor.quantization.zeroPoint = scales, points
    elif what == 3:
        name = "inputs" if rng.random() < 0.6 else "outputs"
        ids = [int(i) for i in getattr(operator, name)]
        ids[int(rng.integers(0, len(ids)))] = int(rng.integers(-1, len(subgraph.tensors) + 1))
        setattr(operator, name, ids)
    elif what in (4, 5) and operator.builtinOptions is not None:
        options = operator.builtinOptions
        name = str(rng.choice(sorted(vars(options))))
        value = getattr(options, name)
        if isinstance(value, bool):
            setattr(options, name, not value)
        elif isinstance(value, float):
            setattr(options, name, float(rng.choice(_REALS)))
        elif isinstance(value, int):
            setattr(options, name, int(rng.choice(_EXTREME)))
    elif what == 6:
        code = model.operatorCodes[operator.opcodeIndex]
        code.builtinCode = int(rng.choice(_KINDS))
        code.deprecatedBuiltinCode = min(code.builtinCode, 127)
    elif what == 7:
        buffer = model.buffers[tensor.buffer]
        if buffer.data is not None and len(buffer.data):
            content = np.array(buffer.data, np.uint8)
            if rng.random() < 0.7:
                word = np.array([int(rng.choice(_EXTREME))], np.int64).astype(np.int32).view(np.uint8)
                at = 4 * int(rng.integers(0, max(1, len(content) // 4)))
                content[at : at + 4] = word[: len(content[at : at + 4])]
            else:
                content = content[: int(rng.integers(0, len(content)))]
            buffer.data = content
    elif what == 8:
        name = "inputs" if rng.random() < 0.5 else "outputs"
        ids = [int(i) for i in getattr(subgraph, name)]
        _change_ints(ids, rng)
        setattr(subgraph, name, ids)


def _change_ints(values: list[int], rng: np.random.Generator) -> None:
    """One of them, or how many there are."""
    choice = rng.random()
    if values and choice < 0.7:
        values[int(rng.integers(0, len(values)))] = int(rng.choice(_EXTREME))
    elif values and choice < 0.85:
        values.pop(int(rng.integers(0, len(values))))
    else:
        values.insert(int(rng.integers(0, len(values) + 1)), int(rng.choice(_EXTREME)))


def _one(items: Any, rng: np.random.Generator) -> Any:
    return items[int(rng.integers(0, len(items)))]
