"""What the compiler did with a model, beside what was predicted.

The prediction is any value with the fields of ``Prediction``. What stays on the processor keeps the names of its
outputs, so every operator of the original is found again in the compiled file; the log only counts them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tinykit.edgetpu.compiler.driver import Compilation, Output
from tinykit.edgetpu.compiler.options import CompilerOptions
from tinykit.graph.reader import read_model
from tinykit.graph.types import Graph

TOLERANCE = 0.05
"""By how much of them the estimated parameter bytes may differ without being named a difference."""


class PredictedOp(Protocol):
    """An operator of the original: its place, its kind, and whether the Edge TPU is to run it."""

    @property
    def index(self) -> int: ...
    @property
    def op(self) -> str: ...
    @property
    def edgetpu(self) -> bool: ...


class Prediction(Protocol):
    """What ``tinykit edgetpu check`` says of a model."""

    @property
    def ops(self) -> Sequence[PredictedOp]: ...
    @property
    def subgraphs(self) -> Sequence[object]: ...
    @property
    def parameter_bytes(self) -> int: ...


@dataclass(frozen=True)
class PlacementDifference:
    """An operator that runs elsewhere than was predicted."""

    index: int
    op: str
    predicted: bool
    compiled: bool


@dataclass(frozen=True)
class CountDifference:
    """Operators of a kind on the Edge TPU: predicted, and as the log counts them."""

    op: str
    predicted: int
    logged: int


@dataclass(frozen=True)
class Comparison:
    """A model's prediction beside its compilation.

    Attributes:
        operators: of the original.
        agree: how many of them run where it was predicted.
        placements: those that do not.
        counts: kinds of which the log counts another number; empty also where it counts nothing.
        counted: it counts them.
        predicted_subgraphs, subgraphs: the second is None for segments, which have one each.
        predicted_parameter_bytes, parameter_bytes: estimated; cached and streamed, in the file.
        log_differences: where the log and the compiled file do not say the same.
        notes: why a difference is no surprise.
    """

    operators: int
    agree: int
    placements: tuple[PlacementDifference, ...]
    counts: tuple[CountDifference, ...]
    counted: bool
    predicted_subgraphs: int
    subgraphs: int | None
    predicted_parameter_bytes: int
    parameter_bytes: int
    log_differences: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def parameters_differ(self) -> bool:
        return abs(self.predicted_parameter_bytes - self.parameter_bytes) > TOLERANCE * self.parameter_bytes

    @property
    def as_predicted(self) -> bool:
        """Every operator runs where it was predicted, in as many subgraphs."""
        same = self.subgraphs is None or self.subgraphs == self.predicted_subgraphs
        return not self.placements and not self.counts and same


def compare(source: Path, compilation: Compilation, prediction: Prediction, options: CompilerOptions) -> Comparison:
    """Hold one of a compilation's models against its prediction.

    Raises:
        ModelError: the original cannot be read.
    """
    outputs = [output for output in compilation.outputs if output.source == source]
    on_cpu = placed_on_cpu(read_model(source, lenient=True), outputs)
    placements = tuple(
        PlacementDifference(op.index, op.op, op.edgetpu, op.index not in on_cpu)
        for op in prediction.ops
        if op.edgetpu == (op.index in on_cpu)
    )
    logs = [output.log for output in outputs if output.log is not None and output.log.operators]
    counted = len(logs) == len(outputs)
    logged: Counter[str] = Counter()
    for log in logs:
        logged.update({kind: count for (kind, mapped), count in log.counts().items() if mapped})
    predicted = Counter(_log_name(op.op) for op in prediction.ops if op.edgetpu)
    counts = [CountDifference(kind, predicted[kind], logged[kind]) for kind in sorted({*predicted, *logged})]
    segmented = outputs[0].segment is not None
    return Comparison(
        operators=len(prediction.ops),
        agree=len(prediction.ops) - len(placements),
        placements=placements,
        counts=tuple(c for c in counts if c.predicted != c.logged) if counted else (),
        counted=counted,
        predicted_subgraphs=len(prediction.subgraphs),
        subgraphs=None if segmented else len(outputs[0].compiled.edgetpu_ops),
        predicted_parameter_bytes=prediction.parameter_bytes,
        parameter_bytes=sum(o.compiled.cached_bytes + o.compiled.streamed_bytes for o in outputs),
        log_differences=tuple(said for output in outputs for said in log_differences(output)),
        notes=tuple(_notes(options)),
    )


def placed_on_cpu(original: Graph, outputs: Sequence[Output]) -> frozenset[int]:
    """Indices of the original's operators that the compiled files leave to the processor.

    One that writes nothing (CALL_ONCE) cannot be found again; it is none that the Edge TPU runs.
    """
    names = {name for output in outputs for op in output.compiled.cpu_ops for name in op.outputs}
    return frozenset(
        op.index for op in original.ops if not op.outputs or names & {original.tensor(i).name for i in op.outputs}
    )


def log_differences(output: Output) -> list[str]:
    """Where the log says something else of a file than what is in it."""
    log, compiled = output.log, output.compiled
    if log is None:
        return [f"the log says nothing of {output.path.name}"]
    found = []
    for what, size, exact in (
        ("cached parameters", log.cached, compiled.cached_bytes),
        ("streamed parameters", log.streamed, compiled.streamed_bytes),
        ("output size", log.output_size, compiled.file_bytes),
    ):
        if size is not None and not size.agrees(exact):
            found.append(f"{what}: the log says {size.text}, {output.path.name} has {exact:,} bytes")
    if log.subgraphs is not None and log.subgraphs != len(compiled.edgetpu_ops):
        found.append(f"subgraphs: the log says {log.subgraphs}, {output.path.name} has {len(compiled.edgetpu_ops)}")
    return found


def _log_name(kind: str) -> str:
    """As the log calls it: custom operators have no names there."""
    return "CUSTOM" if kind.startswith("CUSTOM") else kind


def _notes(options: CompilerOptions) -> list[str]:
    unknown = [
        name
        for name, given in (
            ("--intermediate-tensors", bool(options.intermediate_tensors)),
            ("--search-delegate", options.search_delegate),
            ("--num-segments", options.segments is not None),
        )
        if given
    ]
    return [f"the prediction knows nothing of {name}, which may change where operators run" for name in unknown]
