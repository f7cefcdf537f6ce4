"""What a rule is, and where rules come from."""

from __future__ import annotations

import enum
from dataclasses import dataclass

TABLE = "coral.ai/docs/edgetpu/models-intro, supported operations"
REQUIREMENTS = "coral.ai/docs/edgetpu/models-intro, model requirements"
COMPILER = "coral.ai/docs/edgetpu/compiler"
PAIRS = "published pairs of a model and what Edge TPU Compiler 1.0 to 16.0 made of it"
TFLITE_VERSIONS = "TensorFlow, lite/tools/versioning/runtime_version.cc"


def issue(number: int) -> str:
    """A report in the repository of Coral's compiler."""
    return f"github.com/google-coral/edgetpu/issues/{number}"


class Confidence(enum.Enum):
    """How a rule is known."""

    DOCUMENTED = "documented"
    SEEN = "seen"
    """In compiled files, or in logs of the compiler."""
    INFERRED = "inferred"
    """From other rules, from sizes that lie between those seen, or from TensorFlow's history."""


class Status(enum.Enum):
    """What the compiler's log says of an operator."""

    MAPPED = "Mapped to Edge TPU"
    LIMITATION = "Operation is otherwise supported, but not mapped due to some unspecified limitation"
    SUBGRAPH = "More than one subgraph is not supported"
    TYPE = "Operation is working on an unsupported data type"
    NOT_SUPPORTED = "Operation not supported"
    VERSION = "Operation version not supported"
    RANK = "Tensor has unsupported rank (up to 3 innermost dimensions mapped)"


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        id: stable, for reports and for those who want to look it up.
        source: the document or the observations it comes from.
        confidence: how sure it is.
        status: what the compiler's log is expected to say of an operator under this rule.
    """

    id: str
    source: str
    confidence: Confidence
    status: Status = Status.LIMITATION


@dataclass(frozen=True)
class Finding:
    """A rule, applied to one operator.

    Attributes:
        rule: which.
        reason: why it applies, with the numbers.
        change: what to change in the model, as an imperative; empty where nothing has to be.
    """

    rule: Rule
    reason: str
    change: str = ""
