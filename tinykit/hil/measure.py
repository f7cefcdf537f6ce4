"""Measures a model on a board: identity, accuracy, latency, memory, link."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import numpy as np

import tinykit
from tinykit.board import Board
from tinykit.compiler.patches import PatchedStage
from tinykit.firmware import Project
from tinykit.graph.types import Graph
from tinykit.hil.dataset import Dataset
from tinykit.hil.labels import predictions, ties
from tinykit.hil.reference import Reference
from tinykit.hil.report.model import (
    Accuracy,
    Buffer,
    Build,
    Latency,
    Layer,
    LinkUse,
    Memory,
    Mismatch,
    ModelFacts,
    OtherHost,
    Report,
)
from tinykit.hil.session import Session
from tinykit.hil.statistics import auc, hook_overhead, jitter, percentile
from tinykit.link.client import PROFILE_LIMIT

FLOAT_TOLERANCE = 1e-5
_EXAMPLES = 8
_LEAST_TIMED = 20
_MOST_CLASSES = 64
_PROFILES = 3

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much is done, and how much there is."""


def measure(
    session: Session,
    graph: Graph,
    data: Dataset,
    reference: Reference | None,
    progress: Progress | None = None,
    litert: Reference | None = None,
) -> Report:
    """Run all samples on the device and report.

    Args:
        graph: the source model.
        reference: the host's outputs for the same samples; None measures without comparing.
        litert: LiteRT's outputs for them, reported beside.
    """
    outputs, ticks = _run_samples(session, data, progress)
    if len(ticks) < _LEAST_TIMED:
        ticks += session.time(_LEAST_TIMED - len(ticks))
    profile, overhead = _profile(session)
    checks = session.check_layers()
    accuracy = _accuracy(graph, data, outputs, reference, litert)
    return Report(
        model=_model_facts(graph, session),
        board=session.board.name,
        board_title=session.board.title,
        engine=session.info.engine,
        build=_build(session),
        memory=_memory(session),
        latency=_latency(session, ticks, profile, overhead, checks),
        accuracy=accuracy,
        link=LinkUse(**vars(session.client.stats)),
        failures=_failures(accuracy),
        notes=_notes(accuracy, data, session.image.project, profile),
        patches=_patches(session),
    )


def _run_samples(
    session: Session, data: Dataset, progress: Progress | None
) -> tuple[tuple[np.ndarray, ...], list[int]]:
    collected: list[tuple[np.ndarray, ...]] = []
    ticks: list[int] = []
    session.write(data.sample(0))
    session.time(1)  # the warm-up: caches and flash buffers of real chips
    for index in range(data.size):
        inference = session.infer(*data.sample(index), fresh=index == 0)
        collected.append(inference.outputs)
        ticks.append(inference.ticks)
        if progress is not None:
            progress(f"running on {session.board.name}", index + 1, data.size)
    return tuple(np.stack(column) for column in zip(*collected, strict=True)), ticks


def _profile(session: Session) -> tuple[list[int], float]:
    """Ticks of each layer, and how many of them timing itself takes in each.

    Where runs differ, those that were disturbed least are compared: the shortest of three, with and without a profile.
    """
    repeats = 1 if session.board.counter.unit == "instructions" else _PROFILES
    whole = min(session.time(repeats))
    profile = min((session.profile() for _ in range(repeats)), key=sum)
    return profile, 0.0 if PROFILE_LIMIT in profile else hook_overhead(profile, whole)


def _failures(accuracy: Accuracy) -> tuple[str, ...]:
    if not accuracy.mismatches:
        return ()
    first = accuracy.examples[0]
    return (
        f"{accuracy.mismatches} of {accuracy.n} outputs differ from {accuracy.reference}, first in sample "
        f"{first.sample}: element {first.element} is {first.device:g} on the device and {first.host:g} on the host",
    )


def _notes(accuracy: Accuracy, data: Dataset, project: Project, profile: Sequence[int]) -> tuple[str, ...]:
    notes = [] if project.note is None else [project.note]
    changed = project.changed_files()
    if changed:
        some = ", ".join(changed[:5]) + (", ..." if len(changed) > 5 else "")
        notes.append(f"the project was changed since it got its build id ({some}): these are figures of another build")
    if accuracy.reference is None:
        notes.append(
            "outputs were not compared: the package tflite-micro is not installed (Linux on x86-64), or was not wanted"
        )
    if accuracy.litert is not None and accuracy.litert.identical < accuracy.n:
        notes.append(
            f"{accuracy.litert.name} gives the same outputs for {accuracy.litert.identical} of {accuracy.n} samples: "
            "it rounds some operators otherwise than TFLite-Micro, which is the measure"
        )
    if any(ticks == PROFILE_LIMIT for ticks in profile):
        notes.append(f"a layer took {PROFILE_LIMIT:,} ticks or more: shares of layers are only lower bounds")
    if data.sha256 is None:
        notes.append("no data was given: the samples are generated noise, and there is no accuracy")
    return tuple(notes)


def _model_facts(graph: Graph, session: Session) -> ModelFacts:
    macs = sum(int(layer["macs"]) for layer in session.image.project.manifest["model"]["layers"])
    return ModelFacts(graph.name, graph.sha256, graph.file_bytes, macs)


def _patches(session: Session) -> PatchedStage | None:
    found = session.image.project.manifest["model"].get("patches")
    return None if found is None else PatchedStage(**found)


def _build(session: Session) -> Build:
    manifest = session.image.project.manifest
    level = manifest["flags"].get("opt_level")  # a release for a runner has none beside its flags
    flags = " ".join([*manifest["flags"]["target"], *([] if level is None else [f"-{level}"])])
    return Build(session.image.build_id, manifest["compiler"]["version"], flags, tinykit.__version__)


def _memory(session: Session) -> Memory:
    board: Board = session.board
    sizes = session.image.sizes
    device = session.client.memory()
    facts = session.image.project.manifest["model"]
    return Memory(
        flash=sizes.flash,
        code=sizes.code,
        weights=sizes.weights,
        tables=sizes.tables,
        arena=device.arena,
        arena_lower_bound=facts["arena_lower_bound"],
        static_ram=sizes.static_ram,
        stack=device.stack_used if device.stack_size else None,
        stack_reserved=sizes.stack,
        flash_available=board.flash_bytes,
        ram_available=board.ram_bytes,
        buffers=tuple(Buffer(**b) for b in facts["buffers"]),
    )


def _latency(
    session: Session, ticks: Sequence[int], profile: Sequence[int], overhead: float, checks: Sequence[int | None]
) -> Latency:
    counter = session.board.counter
    whole = counter.unit == "instructions"
    num, den = counter.scale

    def value(t: int) -> float:
        return counter.value(t) if whole else counter.value_exact(t)

    def exact(ticks: float) -> float:
        in_unit = ticks * num / den
        return round(in_unit) if whole else in_unit

    values = sorted(value(t) for t in ticks)
    layers = session.image.project.manifest["model"]["layers"]
    alone = [ticks - overhead for ticks in profile]
    total = sum(alone) or 1
    emulator = session.board.emulator
    if whole:
        source = "counted by the emulator"
    elif emulator is not None and emulator.kind == "qemu-user":
        source = "time of this computer while emulating, not the board's"
    elif session.board.clock is not None:
        source = f"counted by the device, whose core runs at {session.board.clock}"
    else:
        source = f"device timer at {counter.hz:,} Hz"
    return Latency(
        unit=counter.unit,
        source=f"{source} ({session.board.name})",
        n=len(values),
        warmups=1,
        p50=percentile(values, 50),
        p95=percentile(values, 95),
        p99=percentile(values, 99),
        min=values[0],
        max=values[-1],
        layers=tuple(
            Layer(
                i, layer["label"], layer["kernel"], layer["variant"], layer["macs"], exact(t), t / total,
                None if check is None else f"{check:08x}",
            )
            for i, (layer, t, check) in enumerate(zip(layers, alone, checks, strict=True))
        ),
        jitter=jitter(values),
        layer_overhead=exact(overhead),
    )  # fmt: skip


def _accuracy(
    graph: Graph,
    data: Dataset,
    outputs: tuple[np.ndarray, ...],
    reference: Reference | None,
    litert: Reference | None,
) -> Accuracy:
    host = reference.outputs if reference is not None else None
    metric = _metric(graph, data, outputs[0])
    identical, mismatches, examples = _compare(outputs, host) if host is not None else (None, None, ())
    return Accuracy(
        metric=metric,
        device=_score(metric, graph, data, outputs[0]),
        host=_score(metric, graph, data, host[0]) if host is not None else None,
        n=data.size,
        identical=identical,
        mismatches=mismatches,
        reference=reference.name if reference is not None else None,
        tolerance=FLOAT_TOLERANCE if any(values.dtype.kind == "f" for values in outputs) else 0.0,
        data=data.name,
        data_sha256=data.sha256,
        ties=ties(outputs[0]) if metric == "top1" else None,
        examples=examples,
        confusion=_confusion(data, outputs[0]) if metric == "top1" else None,
        litert=_other_host(litert, metric, graph, data, outputs) if litert is not None else None,
        outputs_sha256=hashlib.sha256(b"".join(values.tobytes() for values in outputs)).hexdigest(),
    )


def _other_host(
    other: Reference, metric: str | None, graph: Graph, data: Dataset, outputs: tuple[np.ndarray, ...]
) -> OtherHost:
    identical, _, _ = _compare(outputs, other.outputs)
    return OtherHost(other.name, identical, _score(metric, graph, data, other.outputs[0]))


def _compare(device: tuple[np.ndarray, ...], host: tuple[np.ndarray, ...]) -> tuple[int, int, tuple[Mismatch, ...]]:
    samples = len(device[0])
    good = np.ones(samples, bool)
    examples: list[Mismatch] = []
    for number, (have, want) in enumerate(zip(device, host, strict=True)):
        have, want = have.reshape(samples, -1), want.reshape(samples, -1)
        if have.dtype.kind == "f":
            # not `error > tolerance`: a NaN on one side has to count as different, and so does a number
            # where an infinity is wanted, whose tolerance would be infinite
            with np.errstate(invalid="ignore"):  # inf - inf
                close = np.abs(have - want) <= FLOAT_TOLERANCE * np.maximum(1.0, np.abs(want))
            bad = ~((close & np.isfinite(want)) | (np.isnan(have) & np.isnan(want)) | (have == want))
        else:
            bad = have != want
        good &= ~bad.any(axis=1)
        for sample, element in np.argwhere(bad)[: _EXAMPLES - len(examples)]:
            examples.append(
                Mismatch(int(sample), number, int(element), float(have[sample, element]), float(want[sample, element]))
            )
    identical = int(np.count_nonzero(good))
    return identical, samples - identical, tuple(examples)


def _metric(graph: Graph, data: Dataset, output: np.ndarray) -> str | None:
    if data.labels is not None and data.labels.dtype.kind == "b":
        return "auc" if data.labels.any() and not data.labels.all() else None
    if data.labels is not None:
        return "top1" if output[0].size > 1 else None
    if data.labels is None and data.sha256 is not None and data.inputs[0].shape == output.shape:
        return "mse"
    return None


def _score(metric: str | None, graph: Graph, data: Dataset, output: np.ndarray) -> float | None:
    if metric == "top1":
        assert data.labels is not None
        return float(np.mean(predictions(output, data.labels) == data.labels))
    if metric == "mse":
        return float(np.mean(_squared_errors(graph, data, output)))
    if metric == "auc":
        assert data.labels is not None
        return auc(_squared_errors(graph, data, output), data.labels)
    return None


def _squared_errors(graph: Graph, data: Dataset, output: np.ndarray) -> np.ndarray:
    """Mean squared error of the output against the input, in real values, for each sample."""
    source, target = graph.tensor(graph.inputs[0]), graph.tensor(graph.outputs[0])
    with np.errstate(invalid="ignore", over="ignore"):  # of infinities, which the report has no number for
        error = _real(output, target) - _real(data.inputs[0], source)
        means: np.ndarray = np.mean((error**2).reshape(len(error), -1), axis=1)
    return means


def _real(values: np.ndarray, tensor: object) -> np.ndarray:
    quant = getattr(tensor, "quant", None)
    wide = values.astype(np.float64)
    return wide if quant is None else (wide - quant.zero_point) * float(quant.scale)


def _confusion(data: Dataset, output: np.ndarray) -> tuple[tuple[int, ...], ...] | None:
    """Rows are labels, columns what the device said."""
    assert data.labels is not None
    classes = output[0].size
    if classes > _MOST_CLASSES:
        return None
    table = np.zeros((classes, classes), np.int64)
    np.add.at(table, (data.labels, predictions(output, data.labels)), 1)
    return tuple(tuple(int(v) for v in row) for row in table)
