"""Makes any float .tflite one that the rest can rely on: static shapes, constants folded, names unique, one signature.

Converters leave behind what depends on the batch: SHAPE, STRIDED_SLICE and PACK before a Flatten. With the input's
shape known these are constants, and go; so do DEQUANTIZEs of float16 weights.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from tinykit.convert.finite import refuse_weights
from tinykit.convert.interpreter import Interpreter
from tinykit.convert.model import Shape
from tinykit.convert.writer import pack, unpack
from tinykit.errors import InputError, ModelError, TinykitError, UnsupportedModel
from tinykit.graph.forest import FOREST
from tinykit.graph.reader import parse_model
from tinykit.graph.types import DType, Graph
from tinykit.text import first_line, printable

_INTEGERS = {DType.INT8, DType.UINT8, DType.INT16}


def normalize(tflite: bytes, where: str, input_shapes: Sequence[Shape] = ()) -> bytes:
    """The model with static shapes.

    Args:
        tflite: a float .tflite file.
        input_shapes: one for each input, batch included, or none to keep what the file says. A batch that is open
            becomes 1.

    Raises:
        ModelError: it is no usable .tflite, or has weights that are not finite; names the tensor.
        InputError: an input's shape is open and none is given, or the given one does not fit; or it is quantized
            already.
        UnsupportedModel: operators that LiteRT does not have; names them.
    """
    graph = parse_model(tflite, name="model", where=where)
    _refuse(graph, where)
    try:
        model = unpack(tflite)
        main = model.subgraphs[0]
        _order(model, main)
        shapes = _input_shapes(main, input_shapes, where)
        model.subgraphs = [main]
        _make_static(model, shapes, where)
        _clean(model)
        result = pack(model)
    except TinykitError:
        raise
    except (
        Exception
    ) as error:  # fields that `parse_model` does not read can lie: struct, Unicode, type and index errors
        raise ModelError(
            "the file is damaged",
            where=where,
            why=f"{type(error).__name__}: {first_line(error)}",
            hint="export the model again, or check that the download is complete",
        ) from None
    constants = parse_model(result, name="model", where=where).tensors.values()
    refuse_weights((t.name for t in constants if t.data is not None and not _finite(t.data)), where)
    return result


def tidy(tflite: bytes) -> bytes:
    """A quantized model without what no runtime reads: unused tensors, long names, a converter's own metadata."""
    model = unpack(tflite)
    _clean(model)
    return pack(model)


def _refuse(graph: Graph, where: str) -> None:
    """What no repair helps: several subgraphs, custom operators, a model that is quantized already."""
    if any(op.kind == FOREST for op in graph.ops):
        raise InputError(
            "the model is decision trees, which were converted already",
            where=where,
            hint="give the estimator they were made from; `tinykit inspect` shows this one, `tinykit run` runs it",
        )
    custom = sorted({op.custom_code or op.kind for op in graph.ops if op.is_custom})
    if custom:
        flex = any(name.startswith("Flex") for name in custom)
        raise UnsupportedModel(
            f"operators that TensorFlow Lite does not have: {', '.join(custom)}",
            where=where,
            why="they need TensorFlow itself at run time" if flex else "custom operators have no kernel anywhere else",
            hint="build the model without these layers",
        )
    control = sorted({op.kind for op in graph.ops if op.kind in ("IF", "WHILE", "CALL", "CALL_ONCE", "VAR_HANDLE")})
    if control:
        raise UnsupportedModel(
            f"the model has control flow or variables: {', '.join(control)}",
            where=where,
            hint="unroll recurrent layers (unroll=True), and export the model from Keras with model.export",
        )
    for tensor_id in (*graph.inputs, *graph.outputs):
        tensor = graph.tensor(tensor_id)
        if tensor.dtype in _INTEGERS and tensor.quant is not None:
            raise _quantized(where, f"{tensor.name!r} is {tensor.dtype.label} with a scale")
    for op in graph.ops:
        values = [graph.tensor(i) for i in op.outputs]
        if any(t.quant is not None and t.dtype in _INTEGERS and not t.is_constant for t in values):
            raise _quantized(where, f"the output of operator {op.index} ({op.kind}) is {values[0].dtype.label}")


def _quantized(where: str, why: str) -> InputError:
    return InputError(
        "the model is quantized already",
        where=where,
        why=why,
        hint="give the float model it was made from; `tinykit inspect` shows this one, `tinykit run` runs it",
    )


def _order(model: Any, main: Any) -> None:
    """Inputs and outputs as the converter's signature numbers them: the subgraph's own order is arbitrary.

    TensorFlow's converter gives a Keras model with the outputs (a, b) the subgraph outputs (b, a), and the signature
    {"output_0": a, "output_1": b}. Names that are not all numbered say nothing of an order: the subgraph's stays.
    """
    signatures = [s for s in model.signatureDefs or () if (s.subgraphIndex or 0) == 0]
    if len(signatures) != 1:
        return
    main.inputs = _numbered(signatures[0].inputs, main.inputs)
    main.outputs = _numbered(signatures[0].outputs, main.outputs)


def _numbered(entries: Any, indices: Sequence[int]) -> list[int]:
    """Tensor indices in the order of their names in a signature."""
    have = [int(i) for i in indices]
    named = [(_decoded(entry.name), int(entry.tensorIndex)) for entry in entries or ()]
    order = numbered([name for name, _ in named])
    found = [named[i][1] for i in order or ()]
    return found if sorted(found) == sorted(have) else have


def numbered(names: Sequence[str]) -> list[int] | None:
    """Positions in the order of the numbers that names end in (output_10 after output_2); None where some do not.

    Names that differ in more than the number say nothing of an order either.
    """
    found = [re.fullmatch(r"(.*?)([0-9]{1,9})", name, re.DOTALL) for name in names]
    parts = [(m[1], int(m[2])) for m in found if m is not None]
    if len(parts) != len(names) or len(set(parts)) != len(names) or len({prefix for prefix, _ in parts}) != 1:
        return None
    return sorted(range(len(parts)), key=lambda i: parts[i][1])


def _input_shapes(main: Any, given: Sequence[Shape], where: str) -> list[Shape]:
    """The shape of each input: the given one, or that of the file with an open batch as 1."""
    count = len(main.inputs)
    if given and len(given) != count:
        raise InputError(
            f"{len(given)} input shape{'s' if len(given) > 1 else ''} given, the model has {count} inputs",
            where=where,
            hint="repeat --input-shape once for each input, in their order",
        )
    shapes: list[Shape] = []
    for position, index in enumerate(main.inputs):
        tensor = main.tensors[int(index)]
        name = (tensor.name or b"").decode("utf-8", "replace")
        signature = tensor.shapeSignature
        known = _integers(tensor.shape)
        open_shape = known if signature is None or len(signature) == 0 else _integers(signature)
        if given:
            shapes.append(_fitting(given[position], open_shape, name, where))
            continue
        wanted = (1, *open_shape[1:]) if open_shape and open_shape[0] == -1 else open_shape
        if any(d < 1 for d in wanted):
            example = ",".join(str(d) if d > 0 else "N" for d in wanted)
            raise InputError(
                f"input {name!r} has an open shape {_shown(open_shape)}",
                where=where,
                why="a microcontroller needs every size when the model is compiled",
                hint=f"add --input-shape {example} with numbers for {'N' if 'N' in example else 'all'}",
            )
        shapes.append(wanted)
    return shapes


def _fitting(shape: Shape, open_shape: Shape, name: str, where: str) -> Shape:
    """A given shape, completed by the batch where that was left out."""
    if len(shape) == len(open_shape) - 1:
        shape = (1, *shape)
    agree = len(shape) == len(open_shape) and all(
        have == want or want < 1 or (axis == 0 and want == 1)
        for axis, (have, want) in enumerate(zip(shape, open_shape, strict=True))
    )
    if not agree:
        raise InputError(
            f"--input-shape {','.join(map(str, shape))} does not fit input {name!r}",
            where=where,
            why=f"its shape is {_shown(open_shape)}",
            hint="keep the sizes that are numbers, and replace each ? by one",
        )
    return shape


def _make_static(model: Any, shapes: Sequence[Shape], where: str) -> None:
    """Give every tensor the shape it has when the inputs have theirs, and put constants where values cannot change."""
    main = model.subgraphs[0]
    interpreter = Interpreter(pack(model), where, keep=True)
    if any(_integers(main.tensors[int(i)].shape) != shape for i, shape in zip(main.inputs, shapes, strict=True)):
        interpreter.resize(shapes)
    dtypes = {int(d["index"]): d["dtype"] for d in interpreter.details()}
    interpreter.run([np.zeros(s, dtypes[int(i)]) for i, s in zip(main.inputs, shapes, strict=True)])
    found = {int(d["index"]): tuple(int(n) for n in d["shape"]) for d in interpreter.details()}
    for index, tensor in enumerate(main.tensors):
        if index in found:
            tensor.shape = list(found[index])
        tensor.shapeSignature = None
    _fold(model, interpreter)


def _fold(model: Any, interpreter: Interpreter) -> None:
    """Replace operators whose result is always the same by that result."""
    main = model.subgraphs[0]
    constant = {i for i, t in enumerate(main.tensors) if _has_data(model, t)}
    outputs = {int(i) for i in main.outputs}
    kept = []
    shape_code = _schema_number("SHAPE")
    for operator in main.operators:
        builtin = model.operatorCodes[operator.opcodeIndex].builtinCode
        inputs = [int(i) for i in operator.inputs if i >= 0]
        results = [int(i) for i in operator.outputs]
        fixed = builtin == shape_code or (bool(inputs) and all(i in constant for i in inputs))
        values = [interpreter.value(i) for i in results] if fixed and not outputs & set(results) else []
        if not values or any(v is None for v in values):
            kept.append(operator)
            continue
        for index, value in zip(results, values, strict=True):
            assert value is not None
            _set_data(model, main.tensors[index], value)
            constant.add(index)
    main.operators = kept


def _clean(model: Any) -> None:
    """Drop tensors, buffers and codes that nothing uses; make names unique; write one signature."""
    main = model.subgraphs[0]
    used = {int(i) for i in (*main.inputs, *main.outputs)}
    for operator in main.operators:
        used |= {int(i) for i in (*operator.inputs, *operator.outputs) if i >= 0}
        operator.intermediates = None
    order = sorted(used)
    number = {old: new for new, old in enumerate(order)}
    main.tensors = [main.tensors[i] for i in order]
    main.inputs = [number[int(i)] for i in main.inputs]
    main.outputs = [number[int(i)] for i in main.outputs]
    for operator in main.operators:
        operator.inputs = [number[int(i)] if i >= 0 else -1 for i in operator.inputs]
        operator.outputs = [number[int(i)] for i in operator.outputs]
    buffers, kept = [type(model.buffers[0])()], {0: 0}
    for tensor in main.tensors:
        if not _has_data(model, tensor):
            tensor.buffer = 0
        elif tensor.buffer not in kept:
            kept[tensor.buffer] = len(buffers)
            buffers.append(model.buffers[tensor.buffer])
        tensor.buffer = kept[tensor.buffer]
    model.buffers = buffers
    codes: list[int] = sorted({operator.opcodeIndex for operator in main.operators})
    for operator in main.operators:
        operator.opcodeIndex = codes.index(operator.opcodeIndex)
    model.operatorCodes = [model.operatorCodes[i] for i in codes]
    model.metadata, model.metadataBuffer = None, None
    _name(main)
    model.signatureDefs = [_signature(main)]


def _name(main: Any) -> None:
    """Short names that differ: what operators compute is named first, without the scopes that all of it is in."""
    computed = [int(i) for i in main.inputs] + [int(i) for op in main.operators for i in op.outputs]
    texts = {index: _text(tensor) for index, tensor in enumerate(main.tensors)}
    for number, op in enumerate(main.operators):
        for index in op.outputs:
            texts[int(index)] = texts[int(index)] or f"layer{number}"
    scoped = [texts[i].split("/")[:-1] for i in computed if "/" in texts[i]]
    shared = 0
    while scoped and all(len(s) > shared and s[shared] == scoped[0][shared] for s in scoped):
        shared += 1
    depth = min([shared, *(len(s) - 1 for s in scoped)]) if len(scoped) > 1 else 0
    prefix = "/".join(scoped[0][:depth]) + "/" if depth > 0 else ""
    taken: set[str] = set()
    for index in [*computed, *(i for i in texts if i not in set(computed))]:
        name = base = texts[index].removeprefix(prefix)[-200:] or f"tensor{index}"
        number = 1
        while name in taken:
            number += 1
            name = f"{base}#{number}"
        taken.add(name)
        main.tensors[index].name = name.encode()


def _text(tensor: Any) -> str:
    """A tensor's name; converters join the names of all that they fused, the first says most. "" where none does."""
    first = _decoded(tensor.name).split(";")[0]
    # what LiteRT Torch writes for a wrapper of its own, and the module path before a layer's class and name
    first = "" if first.startswith("litert_torch.") else re.sub(r"\btorch\.nn\.(\w+\.)*", "", first)
    return printable(first)


def _decoded(raw: Any) -> str:
    return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw or "")


def _signature(main: Any) -> Any:
    from ai_edge_litert import schema_py_generated as schema

    def maps(kind: str, indices: Sequence[int]) -> list[Any]:
        result = []
        for position, index in enumerate(indices):
            entry = schema.TensorMapT()
            entry.name, entry.tensorIndex = f"{kind}_{position}", int(index)
            result.append(entry)
        return result

    signature = schema.SignatureDefT()
    signature.signatureKey, signature.subgraphIndex = "serving_default", 0
    signature.inputs, signature.outputs = maps("input", main.inputs), maps("output", main.outputs)
    return signature


def _finite(values: np.ndarray) -> bool:
    return values.dtype.kind != "f" or bool(np.all(np.isfinite(values)))


def _has_data(model: Any, tensor: Any) -> bool:
    buffer = model.buffers[tensor.buffer]
    return bool(tensor.buffer) and buffer.data is not None and len(buffer.data) > 0


def _set_data(model: Any, tensor: Any, value: np.ndarray) -> None:
    buffer = type(model.buffers[0])()
    buffer.data = np.frombuffer(np.ascontiguousarray(value).tobytes(), np.uint8)
    model.buffers.append(buffer)
    tensor.buffer = len(model.buffers) - 1
    tensor.shape = list(value.shape)
    tensor.quantization = None


def _schema_number(kind: str) -> int:
    from ai_edge_litert import schema_py_generated as schema

    return int(getattr(schema.BuiltinOperator, kind))


def _integers(values: Any) -> Shape:
    return () if values is None else tuple(int(v) for v in values)


def _shown(shape: Shape) -> str:
    return "[" + ", ".join("?" if d < 0 else str(d) for d in shape) + "]"
