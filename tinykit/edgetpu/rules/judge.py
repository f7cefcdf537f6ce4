"""Whether the Edge TPU can compute an operator, looked at alone."""

from __future__ import annotations

from tinykit.edgetpu.rules.operand import EIGHT_BITS, activations, beyond, outputs, shape
from tinykit.edgetpu.rules.operators import OPERATORS, Supported
from tinykit.edgetpu.rules.rule import REQUIREMENTS, TABLE, Confidence, Finding, Rule, Status
from tinykit.graph.types import DType, Graph, Op

CUSTOM = Rule("custom-operator", TABLE, Confidence.DOCUMENTED, Status.TYPE)
NOT_LISTED = Rule("not-listed", TABLE, Confidence.DOCUMENTED, Status.NOT_SUPPORTED)
TYPE = Rule("eight-bits", REQUIREMENTS, Confidence.DOCUMENTED, Status.TYPE)
OPEN = Rule("constant-size", REQUIREMENTS, Confidence.DOCUMENTED)
COMPUTED = Rule("constant-parameters", REQUIREMENTS, Confidence.DOCUMENTED)
RANK = Rule("three-dimensions", REQUIREMENTS, Confidence.DOCUMENTED, Status.RANK)
NO_INPUT = Rule("no-input", "TensorFlow's schema", Confidence.INFERRED)


def judge(graph: Graph, op: Op) -> Finding:
    """The rule that decides: one with ``Status.MAPPED`` if the Edge TPU can compute the operator.

    Where several speak against it, the first that the compiler's logs name for such operators is given.
    """
    if op.is_custom:
        name = op.custom_code or op.kind
        if name in _MEANT_FOR_THE_HOST:
            return Finding(CUSTOM, f"{name} runs on the host, as it is meant to")
        reason = f"the custom operator {name!r} runs on the host"
        return Finding(CUSTOM, reason, "replace it by supported operators, or move it to the end of the model")
    known = OPERATORS.get(op.kind)
    if known is None or not op.outputs:
        return _type(graph, op, states=False) or Finding(
            NOT_LISTED, "the Edge TPU has no such operator", _CHANGES.get(op.kind, "replace it by a supported operator")
        )
    if graph.input(op, 0) is None:
        return Finding(NO_INPUT, "its first input is absent", "convert the model again from its source")
    return (
        _open(graph, op)
        or _computed(graph, op, known)
        or _rank(graph, op, known)
        or _type(graph, op, states=known.states)
        or _weights(graph, op, known)
        or _constants(graph, op, known)
        or (None if known.limit is None else known.limit(graph, op))
        or Finding(known.rule, "supported")
    )


def _open(graph: Graph, op: Op) -> Finding | None:
    tensor = next((t for t in [*activations(graph, op), *outputs(graph, op)] if 0 in t.shape), None)
    if tensor is None:
        return None
    reason = f"the size of {tensor.name!r} is open until the model runs"
    return Finding(OPEN, reason, "give every input a fixed shape, the batch 1, when exporting or converting")


def _computed(graph: Graph, op: Op, known: Supported) -> Finding | None:
    for position in known.parameters:
        tensor = graph.input(op, position)
        if tensor is not None and not tensor.is_constant:
            reason = f"its input {position} ({tensor.name!r}) is computed at run time"
            return Finding(COMPUTED, reason, "make it a constant of the model")
    return None


def _type(graph: Graph, op: Op, *, states: bool) -> Finding | None:
    read, written = activations(graph, op), outputs(graph, op)
    tensors = [*read[:1], *written[:1]] if states else [*read, *written]
    tensor = next((t for t in tensors if t.dtype not in EIGHT_BITS), None)
    if tensor is None:
        return None
    if tensor.dtype in (DType.INT32, DType.INT64, DType.BOOL):
        change = "leave arithmetic on indices to the application"
    else:
        change = "quantize what it computes with, or leave it to the application"
    if op.kind == "QUANTIZE" and tensor.dtype is DType.FLOAT32:
        change = "give the model int8 or uint8 inputs; the application quantizes, then, or has integers already"
    change = _CHANGES.get(op.kind, change)
    return Finding(TYPE, f"it computes with {tensor.dtype.label} ({tensor.name!r})", change)


def _weights(graph: Graph, op: Op, known: Supported) -> Finding | None:
    for position in known.weights:
        tensor = graph.input(op, position)
        if tensor is not None and tensor.dtype not in EIGHT_BITS:
            return Finding(TYPE, f"its weights are of {tensor.dtype.label}", "quantize weights to 8 bits")
    return None


def _constants(graph: Graph, op: Op, known: Supported) -> Finding | None:
    """Constants that are computed with like the values that come at run time."""
    if known.states:
        return None
    for position in set(range(len(op.inputs))) - {*known.parameters, *known.weights}:
        tensor = graph.input(op, position)
        if tensor is not None and tensor.is_constant and tensor.dtype not in EIGHT_BITS:
            return Finding(TYPE, f"its constant input {position} is of {tensor.dtype.label}", "quantize it to 8 bits")
    return None


def _rank(graph: Graph, op: Op, known: Supported) -> Finding | None:
    read, written = activations(graph, op), outputs(graph, op)
    tensors = [*read[:1], *written[:1]] if known.states else [*read, *written]
    tensor = next((t for t in tensors if beyond(t)), None)
    if tensor is None:
        return None
    if len(tensor.shape) == 4:
        return Finding(
            RANK, f"a batch of {tensor.shape[0]} ({shape(tensor)}); only 1 is mapped", "convert with batch 1"
        )
    reason = f"{tensor.name!r} is {shape(tensor)}: only the three innermost dimensions may be larger than 1"
    return Finding(RANK, reason, "rearrange the model so that values have three dimensions")


_FLOAT_ENDS = "leave it out: give the model int8 or uint8 inputs and outputs, and scale in the application"
_CHANGES = {
    "DEQUANTIZE": _FLOAT_ENDS,
    "LEAKY_RELU": "use RELU, RELU6 or PRELU (with alpha shared over y and x)",
    "HARD_SWISH": "use RELU6, or write it as x * RELU6(x + 3) / 6 with supported operators",
    "ELU": "use RELU, RELU6 or PRELU",
    "ARG_MAX": "leave it to the application",
    "GATHER": "replace it by SLICE or STRIDED_SLICE",
    "DIV": "multiply by the reciprocal",
    "BATCH_MATMUL": "use dense layers or 1x1 convolutions",
    "SPLIT_V": "split into equal parts (SPLIT), or use SLICE",
    "UNPACK": "use SPLIT and RESHAPE, or SLICE",
    "DEPTH_TO_SPACE": "use TRANSPOSE_CONV or RESIZE_NEAREST_NEIGHBOR",
    "MIRROR_PAD": "use PAD (zeros)",
    "PADV2": "use PAD (zeros)",
}
_MEANT_FOR_THE_HOST = {"TFLite_Detection_PostProcess", "PosenetDecoderOp"}
"""What Coral's own models end in."""
