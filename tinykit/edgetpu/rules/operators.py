"""The operators that the Edge TPU has, with the limits of each."""

from __future__ import annotations

from dataclasses import dataclass

from tinykit.edgetpu.rules import limits
from tinykit.edgetpu.rules.limits import Limit
from tinykit.edgetpu.rules.rule import PAIRS, TABLE, Confidence, Rule, Status


@dataclass(frozen=True)
class Supported:
    """An operator that is mapped unless something speaks against it.

    Attributes:
        rule: says that it is mapped.
        parameters: positions of inputs that have to be constant.
        weights: those of them that have to be of 8 bits.
        limit: what else has to hold.
        states: it has inner values of more than 8 bits, so that only its first input and output are looked at.
    """

    rule: Rule
    parameters: tuple[int, ...] = ()
    weights: tuple[int, ...] = ()
    limit: Limit | None = None
    states: bool = False


def _rule(kind: str, source: str = TABLE, confidence: Confidence = Confidence.DOCUMENTED) -> Rule:
    return Rule(f"maps-{kind.lower().replace('_', '-')}", source, confidence, Status.MAPPED)


def _plain(*kinds: str) -> dict[str, Supported]:
    return {kind: Supported(_rule(kind)) for kind in kinds}


OPERATORS: dict[str, Supported] = {
    **_plain(
        "ADD", "L2_NORMALIZATION", "LOGISTIC", "MAXIMUM", "MINIMUM", "MUL", "QUANTIZE", "RELU", "RELU6", "RELU_N1_TO_1",
        "RSQRT", "SPACE_TO_DEPTH", "SQUARED_DIFFERENCE", "SUB", "TANH",
    ),
    "AVERAGE_POOL_2D": Supported(_rule("AVERAGE_POOL_2D"), limit=limits.pool),
    "CONCATENATION": Supported(_rule("CONCATENATION"), limit=limits.concatenation),
    "CONV_2D": Supported(_rule("CONV_2D"), (1, 2), (1,), limits.dilation),
    "DEPTHWISE_CONV_2D": Supported(_rule("DEPTHWISE_CONV_2D"), (1, 2), (1,), limits.dilation),
    "EXPAND_DIMS": Supported(_rule("EXPAND_DIMS"), (1,)),
    # Its second input may be computed: a product of two activations is mapped, too (seen in compiled files).
    "FULLY_CONNECTED": Supported(_rule("FULLY_CONNECTED"), (2,), (1,), limits.fully_connected),
    "LSTM": Supported(_rule("LSTM"), states=True),
    "MAX_POOL_2D": Supported(_rule("MAX_POOL_2D"), limit=limits.pool),
    "MEAN": Supported(_rule("MEAN"), (1,), limit=limits.mean),
    "PACK": Supported(_rule("PACK"), limit=limits.pack),
    "PAD": Supported(_rule("PAD"), (1,), limit=limits.pad),
    "PRELU": Supported(_rule("PRELU"), (1,), limit=limits.prelu),
    "REDUCE_MAX": Supported(_rule("REDUCE_MAX"), (1,), limit=limits.reduce),
    "REDUCE_MIN": Supported(_rule("REDUCE_MIN"), (1,), limit=limits.reduce),
    "RESHAPE": Supported(_rule("RESHAPE"), (1,), limit=limits.dimensions),
    "RESIZE_BILINEAR": Supported(_rule("RESIZE_BILINEAR"), (1,), limit=limits.resize),
    "RESIZE_NEAREST_NEIGHBOR": Supported(_rule("RESIZE_NEAREST_NEIGHBOR"), (1,), limit=limits.resize),
    "SLICE": Supported(_rule("SLICE"), (1, 2)),
    "SOFTMAX": Supported(_rule("SOFTMAX"), limit=limits.softmax),
    "SPLIT": Supported(_rule("SPLIT"), (0,), limit=limits.split),
    "SQUEEZE": Supported(_rule("SQUEEZE"), limit=limits.squeeze),
    "STRIDED_SLICE": Supported(_rule("STRIDED_SLICE"), (1, 2, 3), limit=limits.strided_slice),
    "SUM": Supported(_rule("SUM"), (1,), limit=limits.reduce),
    "TILE": Supported(_rule("TILE", PAIRS, Confidence.SEEN), (1,)),
    "TRANSPOSE": Supported(_rule("TRANSPOSE"), (1,), limit=limits.dimensions),
    "TRANSPOSE_CONV": Supported(_rule("TRANSPOSE_CONV"), (0, 1, 3), (1,)),
    "UNIDIRECTIONAL_SEQUENCE_LSTM": Supported(_rule("UNIDIRECTIONAL_SEQUENCE_LSTM"), states=True),
}  # fmt: skip
