"""What the TensorFlow Lite inside of the compiler can read: what it cannot, makes it refuse the whole file.

Compiler 16.0 is of July 2021 and has TensorFlow 2.6's interpreter. TensorFlow keeps a table of the release in which
each version of an operator appeared; from it are the numbers below. Reports agree: CONV_2D 6, QUANTIZE 3,
TRANSPOSE_CONV 4 and EXP 2 (2.7 and later) are refused, FULLY_CONNECTED 9 is read.
"""

from __future__ import annotations

from dataclasses import dataclass

from tinykit.edgetpu.rules.rule import TFLITE_VERSIONS, Confidence, Rule, issue
from tinykit.graph.operators import BUILTIN_OPERATORS
from tinykit.graph.types import DType, Graph, Op

UNKNOWN_OPERATOR = Rule(
    "front-end-operator", f"TensorFlow's schema; code 150 seen refused ({issue(631)})", Confidence.SEEN
)
UNKNOWN_VERSION = Rule("front-end-version", f"{TFLITE_VERSIONS}; {issue(631)}, 845, 879", Confidence.SEEN)
FLEX = Rule("front-end-flex", issue(718), Confidence.SEEN)
NOT_QUANTIZED = Rule("not-quantized", "the compiler's message “Model not quantized”", Confidence.SEEN)

LAST_OPERATOR = "BROADCAST_ARGS"
"""The last of TensorFlow 2.6 (code 145)."""

# The highest version of TensorFlow 2.6. Operators that are not here have had one version only, then and since.
LAST_VERSION: dict[str, int] = {
    "ABS": 4, "ADD": 4, "ARG_MAX": 2, "ARG_MIN": 2, "AVERAGE_POOL_2D": 3, "BATCH_MATMUL": 4,
    "BATCH_TO_SPACE_ND": 3, "BIDIRECTIONAL_SEQUENCE_LSTM": 3, "BIDIRECTIONAL_SEQUENCE_RNN": 3, "BROADCAST_TO": 3,
    "CAST": 1, "CONCATENATION": 3, "CONV_2D": 5, "DEPTHWISE_CONV_2D": 6, "DEPTH_TO_SPACE": 2, "DEQUANTIZE": 4, "DIV": 2,
    "EMBEDDING_LOOKUP": 3, "EQUAL": 3, "EXP": 1, "FAKE_QUANT": 2, "FILL": 3, "FLOOR_DIV": 2, "FULLY_CONNECTED": 9,
    "GATHER": 5, "GATHER_ND": 3, "GREATER": 2, "GREATER_EQUAL": 2, "L2_NORMALIZATION": 2, "LEAKY_RELU": 2, "LESS": 2,
    "LESS_EQUAL": 2, "LOGISTIC": 3, "LOG_SOFTMAX": 2, "LSTM": 4, "MAXIMUM": 4, "MAX_POOL_2D": 3, "MEAN": 3,
    "MINIMUM": 4, "MIRROR_PAD": 2, "MUL": 5, "NOT_EQUAL": 3, "PACK": 3, "PAD": 4, "PADV2": 4, "QUANTIZE": 2,
    "REDUCE_MAX": 3, "REDUCE_MIN": 3, "REDUCE_PROD": 2, "RELU": 3, "RELU6": 3, "RESIZE_BILINEAR": 4,
    "RESIZE_NEAREST_NEIGHBOR": 4, "REVERSE_V2": 3, "RNN": 3, "RSQRT": 2, "SELECT": 2, "SLICE": 5, "SOFTMAX": 3,
    "SPACE_TO_BATCH_ND": 3, "SPACE_TO_DEPTH": 2, "SPARSE_TO_DENSE": 3, "SPLIT": 4, "SPLIT_V": 2,
    "SQUARED_DIFFERENCE": 2, "SQUEEZE": 2, "STRIDED_SLICE": 6, "SUB": 5, "SUM": 2, "SVDF": 4, "TANH": 3, "TILE": 2,
    "TOPK_V2": 2, "TRANSPOSE": 5, "TRANSPOSE_CONV": 3, "UNIDIRECTIONAL_SEQUENCE_LSTM": 3,
    "UNIDIRECTIONAL_SEQUENCE_RNN": 3, "UNPACK": 4, "WHERE": 1,
}  # fmt: skip
_EIGHT_BITS = {DType.INT8, DType.UINT8}


@dataclass(frozen=True)
class Refusal:
    """Why the compiler refuses the whole file.

    Attributes:
        rule: the rule that says so.
        reason: what is wrong, with the compiler's own words where they are known.
        change: what to change in the model or in its conversion.
        ops: indices of the operators it is about; empty for the model as a whole.
    """

    rule: Rule
    reason: str
    change: str
    ops: tuple[int, ...] = ()


def refusals(graph: Graph) -> tuple[Refusal, ...]:
    """Why the compiler would refuse the file; empty if it would read it."""
    found = []
    unknown: dict[str, list[int]] = {}
    versions: dict[tuple[str, int], list[int]] = {}
    flex: list[int] = []
    for op in graph.ops:
        if _is_newer(op):
            unknown.setdefault(op.kind, []).append(op.index)
        elif op.kind == "CUSTOM" and op.custom_code.startswith("Flex"):
            flex.append(op.index)
        elif op.version > LAST_VERSION.get(op.kind, op.version):
            versions.setdefault((op.kind, op.version), []).append(op.index)
    for kind, ops in unknown.items():
        reason = f"{kind} is newer than the compiler (“Op builtin_code out of range”)"
        change = f"replace {kind} by older operators (a GELU by its formula, or by RELU6), and convert again"
        found.append(Refusal(UNKNOWN_OPERATOR, reason, change, tuple(ops)))
    for (kind, version), ops in versions.items():
        reason = (
            f"{kind} version {version}; the compiler knows {LAST_VERSION[kind]} "
            f"(“Didn't find op for builtin opcode '{kind}' version '{version}'”)"
        )
        found.append(Refusal(UNKNOWN_VERSION, reason, _VERSION_ADVICE.get(kind, _ADVICE), tuple(ops)))
    if flex:
        reason = "TensorFlow operators (Flex) cannot be in a model for it (“Regular TensorFlow ops are not supported”)"
        found.append(
            Refusal(FLEX, reason, "convert with TFLITE_BUILTINS_INT8 as the only set of operators", tuple(flex))
        )
    if not _quantized(graph):
        reason = "no operator computes on int8 or uint8 values (“Model not quantized”)"
        change = "quantize it: `tinykit convert MODEL --target edgetpu --calibration SAMPLES`"
        found.append(Refusal(NOT_QUANTIZED, reason, change))
    return tuple(found)


_ADVICE = "convert again with `tinykit convert --target edgetpu`, or with TensorFlow 2.6 to 2.8"
_VERSION_ADVICE = {
    "FULLY_CONNECTED": "convert again with one scale per dense layer, as `tinykit convert --target edgetpu` does",
    "CONV_2D": "a grouped convolution: use a plain one, or a depthwise one and a 1x1 convolution",
}


def _is_newer(op: Op) -> bool:
    if op.kind.startswith("BUILTIN_"):
        return True
    return op.kind in _CODES and _CODES[op.kind] > _CODES[LAST_OPERATOR]


def _quantized(graph: Graph) -> bool:
    tensors = (graph.tensors[i] for op in graph.ops for i in op.outputs)
    return any(tensor.dtype in _EIGHT_BITS for tensor in tensors)


_CODES = {name: code for code, name in enumerate(BUILTIN_OPERATORS)}
