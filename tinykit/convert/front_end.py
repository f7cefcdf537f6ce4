"""Brings a quantized model into the form that the Edge TPU Compiler's old TensorFlow Lite reads.

The quantizer leaves the versions of operators as they were in the float model, and TensorFlow of today uses features
that came after the compiler. Results stay the same, bit for bit.
"""

from __future__ import annotations

from typing import Any

from tinykit.convert.writer import pack, unpack
from tinykit.graph.operators import BUILTIN_OPERATORS
from tinykit.graph.options import Activation
from tinykit.graph.reader import parse_model
from tinykit.graph.types import DType, Graph, Op

_INT8_VERSION: dict[str, int] = {
    "CONV_2D": 3, "DEPTHWISE_CONV_2D": 3, "FULLY_CONNECTED": 4,
    **dict.fromkeys(
        ("ADD", "ARG_MAX", "ARG_MIN", "AVERAGE_POOL_2D", "CONCATENATION", "DEQUANTIZE", "L2_NORMALIZATION", "LOGISTIC",
         "MAXIMUM", "MAX_POOL_2D", "MEAN", "MINIMUM", "MUL", "PACK", "PAD", "PADV2", "REDUCE_MAX", "REDUCE_MIN", "RELU",
         "RELU6", "RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR", "RSQRT", "SLICE", "SOFTMAX", "SPACE_TO_DEPTH", "SPLIT",
         "SQUARED_DIFFERENCE", "STRIDED_SLICE", "SUB", "SUM", "TANH", "TRANSPOSE", "TRANSPOSE_CONV", "UNPACK"), 2
    ),
}  # fmt: skip
"""The first version that has int8 (TensorFlow, lite/tools/versioning/op_version.cc); others have it in version 1."""
_BIASED_TRANSPOSE_CONV = 3
_SIX = 6.0


def for_old_front_end(tflite: bytes, where: str) -> bytes:
    """The same model with versions that say what its operators need, and no more.

    Dense layers without a bias name an absent one, as two inputs are a feature of version 6; those whose input has two
    dimensions do not "keep" them, a feature of version 5; an activation that is fused into a TRANSPOSE_CONV, of version
    4, goes where the range of the int8 result holds it already.

    Args:
        tflite: a quantized model.
        where: names it in messages.
    """
    graph = parse_model(tflite, name="model", where=where)
    model = unpack(tflite)
    main = model.subgraphs[0]
    codes: dict[tuple[int, int, Any], int] = {}
    old_codes = model.operatorCodes
    model.operatorCodes = []
    for op, operator in zip(graph.ops, main.operators, strict=True):
        code = old_codes[operator.opcodeIndex]
        version = _version(graph, op, operator, code.version)
        key = (operator.opcodeIndex, version, code.customCode)
        if key not in codes:
            codes[key] = len(model.operatorCodes)
            model.operatorCodes.append(_copy(code, version))
        operator.opcodeIndex = codes[key]
    return pack(model)


def _version(graph: Graph, op: Op, operator: Any, version: int) -> int:
    """The version that the operator needs; changes the operator so that it is a low one."""
    if op.kind not in BUILTIN_OPERATORS or not op.outputs or not _eight_bits(graph, op):
        return version
    if op.kind == "FULLY_CONNECTED":
        if len(op.inputs) == 2:
            operator.inputs = [*op.inputs, -1]
        source = graph.input(op, 0)
        if source is not None and len(source.shape) == 2:
            operator.builtinOptions.keepNumDims = False
        if operator.builtinOptions.keepNumDims:
            return max(version, 5)
        weights = graph.input(op, 1)
        return version if weights is None or (weights.quant and weights.quant.per_channel) else _INT8_VERSION[op.kind]
    if op.kind == "TRANSPOSE_CONV":
        if operator.builtinOptions is not None and _is_held(graph, op, operator.builtinOptions):
            operator.builtinOptions.fusedActivationFunction = Activation.NONE.value
            return _BIASED_TRANSPOSE_CONV if len(op.inputs) > 3 else _INT8_VERSION[op.kind]
        return max(version, _INT8_VERSION[op.kind])
    return max(version, _INT8_VERSION.get(op.kind, 1))


def _eight_bits(graph: Graph, op: Op) -> bool:
    return any(graph.tensors[i].dtype is DType.INT8 for i in (*op.inputs, *op.outputs) if i >= 0)


def _is_held(graph: Graph, op: Op, options: Any) -> bool:
    """Whether the result cannot leave the range of the fused activation, as int8 ends there."""
    activation = Activation(options.fusedActivationFunction)
    quant = graph.output(op).quant
    if activation is Activation.NONE:
        return True
    if quant is None or quant.per_channel or quant.zero_point != -128:
        return False
    # TensorFlow Lite clamps at 6 as the result's quantization rounds it.
    highest = quant.zero_point + round(_SIX / float(quant.scale))
    return activation is Activation.RELU or (activation is Activation.RELU6 and highest >= 127)


def _copy(code: Any, version: int) -> Any:
    made = type(code)()
    made.__dict__.update(code.__dict__)
    made.version = version
    return made
