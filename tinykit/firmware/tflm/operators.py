"""The operators TFLite-Micro knows, by the method of MicroMutableOpResolver that registers each.

Source: tensorflow/lite/micro/micro_mutable_op_resolver.h of https://github.com/tensorflow/tflite-micro.
"""

from __future__ import annotations

from dataclasses import dataclass

from tinykit.errors import UnsupportedModel
from tinykit.graph.types import DType, Graph, Op

# Most methods are "Add" and the operator's name in camel case; these are not.
_IRREGULAR = {
    "AVERAGE_POOL_2D": "AddAveragePool2D",
    "BATCH_MATMUL": "AddBatchMatMul",
    "CONV_2D": "AddConv2D",
    "CUMSUM": "AddCumSum",
    "DEPTHWISE_CONV_2D": "AddDepthwiseConv2D",
    "L2_POOL_2D": "AddL2Pool2D",
    "MAX_POOL_2D": "AddMaxPool2D",
    "PADV2": "AddPadV2",
    "UNIDIRECTIONAL_SEQUENCE_LSTM": "AddUnidirectionalSequenceLSTM",
}
# fmt: off
_REGULAR = frozenset({
    "ABS", "ADD", "ADD_N", "ARG_MAX", "ARG_MIN", "BATCH_TO_SPACE_ND", "BROADCAST_ARGS", "BROADCAST_TO", "CAST",
    "CEIL", "CONCATENATION", "COS", "DEPTH_TO_SPACE", "DEQUANTIZE", "DIV", "ELU", "EMBEDDING_LOOKUP", "EQUAL", "EXP",
    "EXPAND_DIMS", "FILL", "FLOOR", "FLOOR_DIV", "FLOOR_MOD", "FULLY_CONNECTED", "GATHER", "GATHER_ND", "GREATER",
    "GREATER_EQUAL", "HARD_SWISH", "L2_NORMALIZATION", "LEAKY_RELU", "LESS", "LESS_EQUAL", "LOG", "LOGICAL_AND",
    "LOGICAL_NOT", "LOGICAL_OR", "LOGISTIC", "LOG_SOFTMAX", "MAXIMUM", "MEAN", "MINIMUM", "MIRROR_PAD", "MUL", "NEG",
    "NOT_EQUAL", "PACK", "PAD", "PRELU", "QUANTIZE", "REDUCE_MAX", "RELU", "RELU6", "RESHAPE", "RESIZE_BILINEAR",
    "RESIZE_NEAREST_NEIGHBOR", "ROUND", "RSQRT", "SELECT_V2", "SHAPE", "SIN", "SLICE", "SOFTMAX", "SPACE_TO_BATCH_ND",
    "SPACE_TO_DEPTH", "SPLIT", "SPLIT_V", "SQRT", "SQUARE", "SQUARED_DIFFERENCE", "SQUEEZE", "STRIDED_SLICE", "SUB",
    "SUM", "SVDF", "TANH", "TRANSPOSE", "TRANSPOSE_CONV", "UNPACK", "ZEROS_LIKE",
})
# fmt: on
_CUSTOM = {"TFLite_Detection_PostProcess": ("AddDetectionPostprocess", "DETECTION_POSTPROCESS")}

# Registrations for int8 alone: they leave out the code for other types where a port of the kernel offers that.
_INT8 = {
    "ADD": "add.h",
    "AVERAGE_POOL_2D": "pooling.h",
    "CONV_2D": "conv.h",
    "DEPTHWISE_CONV_2D": "depthwise_conv.h",
    "FULLY_CONNECTED": "fully_connected.h",
    "MAX_POOL_2D": "pooling.h",
    "MUL": "mul.h",
    "SOFTMAX": "softmax.h",
    "SVDF": "svdf.h",
}


@dataclass(frozen=True)
class Registration:
    """One operator of a resolver.

    Attributes:
        method: of MicroMutableOpResolver ("AddConv2D").
        function: what defines its kernel ("Register_CONV_2D").
        int8: the function for int8 alone, "" where there is none or other types occur.
        header: in tensorflow/lite/micro/kernels, declares ``int8``.
    """

    method: str
    function: str
    int8: str = ""
    header: str = ""


def registrations(graph: Graph, where: str) -> tuple[Registration, ...]:
    """What the resolver of a model registers: each operator once, in the order of first use.

    Raises:
        UnsupportedModel: names every operator that TFLite-Micro lacks, or a resolver made here cannot serve.
    """
    if graph.subgraph_count > 1:
        raise UnsupportedModel(
            "control flow is not supported",
            where=where,
            why=f"the model has {graph.subgraph_count} subgraphs",
            hint="convert the inference part alone, without loops or variables",
        )
    ops: dict[tuple[str, str], list[Op]] = {}
    for op in graph.ops:
        ops.setdefault((op.kind, op.custom_code), []).append(op)
    found, unknown = [], []
    for (kind, custom), same in ops.items():
        registration = _registration(kind, all(_is_int8(graph, op) for op in same))
        if registration is None:
            unknown.append(f"{custom or kind} (operator {', '.join(str(op.index) for op in same)})")
        else:
            found.append(registration)
    if unknown:
        raise UnsupportedModel(
            "TFLite-Micro cannot run this model",
            where=where,
            why=f"it has no kernel for {'; '.join(unknown)}",
            hint="convert the model without these operators, or try --engine aot",
        )
    return tuple(found)


def method_name(kind: str) -> str | None:
    """The method that registers a builtin operator, or None where TFLite-Micro has no kernel for it."""
    if kind in _IRREGULAR:
        return _IRREGULAR[kind]
    return "Add" + "".join(word.capitalize() for word in kind.split("_")) if kind in _REGULAR else None


def _registration(kind: str, int8: bool) -> Registration | None:
    if kind in _CUSTOM:
        known = _CUSTOM[kind]
        return Registration(known[0], f"Register_{known[1]}")
    method = method_name(kind)
    if method is None:
        return None
    if int8 and kind in _INT8:
        return Registration(method, f"Register_{kind}", f"Register_{kind}_INT8", _INT8[kind])
    return Registration(method, f"Register_{kind}")


def _is_int8(graph: Graph, op: Op) -> bool:
    """Whether activations and weights are int8. (Biases, behind them, are int32.)"""
    tensors = [graph.tensor(i) for i in (*op.inputs[:2], *op.outputs) if i >= 0]
    return all(tensor.dtype is DType.INT8 for tensor in tensors)
