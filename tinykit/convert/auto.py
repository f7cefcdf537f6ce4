"""Looks for the smallest quantization that keeps the accuracy.

Candidates come in classes, each larger than the one before: int8 as it is and improved at no cost (channels equalized,
ranges clipped), then some layers in int16, some in float32, then all activations in int16, then float. The first class
with a candidate that holds the floor ends the search; of its candidates the smallest is taken, of like sizes the most
accurate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tinykit.convert.analysis import LayerError, analyze, worst
from tinykit.convert.equalize import equalize
from tinykit.convert.evaluation import Score
from tinykit.convert.interpreter import Progress, run_all
from tinykit.convert.options import ConvertOptions, Quantize, Target
from tinykit.convert.quantize import Scheme, quantize
from tinykit.convert.samples import Samples
from tinykit.convert.statistics import Clipping, Range, collect
from tinykit.convert.targets import REFUSED, check_graph
from tinykit.errors import UnsupportedModel
from tinykit.graph.reader import parse_model
from tinykit.graph.types import Graph, Op

DEFAULT_DROP = 0.5
"""Points of percent that may be lost, unless another number is given."""
_ALIKE = 0.02
"""Sizes that differ by less count as the same."""
_PASSES_ON = {"MAX_POOL_2D", "AVERAGE_POOL_2D", "RELU", "RELU6", "RESHAPE", "MEAN", "PAD", "TRANSPOSE"}
_SAMPLES = 32


@dataclass(frozen=True)
class Trial:
    """One candidate: ``label`` says what was done; ``drop`` in points of percent; ``failed`` why there is no result."""

    label: str
    bytes: int | None
    score: Score | None
    drop: float | None
    holds: bool
    failed: str | None = None


@dataclass(frozen=True)
class Found:
    """The chosen candidate.

    Attributes:
        base: the float model it was made from; ``ranges`` those of its tensors.
        culprits: layers at which plain quantization loses most, where it does not hold the floor.
    """

    scheme: Scheme
    tflite: bytes
    score: Score
    base: bytes
    ranges: Mapping[str, Range]
    trials: tuple[Trial, ...] = ()
    culprits: tuple[LayerError, ...] = ()


@dataclass(frozen=True)
class _Base:
    tflite: bytes
    ranges: Mapping[str, Range]
    equalized: bool


def search(
    float_model: bytes,
    calibration: Samples,
    ranges: Mapping[str, Range],
    options: ConvertOptions,
    before: Score,
    measure: Callable[[bytes, str], Score | None],
    where: str,
    progress: Progress | None = None,
) -> Found:
    """Try candidates from the smallest class up.

    Args:
        ranges: of the float model's tensors over the calibration samples.
        before: of the float model.
        measure: accuracy of a .tflite.

    Returns:
        The chosen one; where none holds the floor the most accurate, which the caller then refuses.

    Raises:
        UnsupportedModel: not even one candidate could be made.
    """
    floor = DEFAULT_DROP if options.max_accuracy_drop is None else options.max_accuracy_drop
    bases = _bases(float_model, calibration, ranges, where, progress)
    trials: list[Trial] = []
    made: list[Found] = []
    culprits: tuple[LayerError, ...] = ()
    for group in _classes(bases, calibration, options.target, options.quantize, where, progress):
        held: list[Found] = []
        for base, scheme in group:
            try:
                tflite = quantize(base.tflite, scheme, base.ranges, where, options.target)
                check_graph(parse_model(tflite, name="model", where=where), options.target, where)
                result = measure(tflite, scheme.label)
            except UnsupportedModel as error:
                trials.append(Trial(scheme.label, None, None, None, False, error.why or error.what))
                continue
            assert result is not None
            drop = 100 * (before.value - result.value)
            holds = drop <= floor + 1e-9
            trials.append(Trial(scheme.label, len(tflite), result, drop, holds))
            found = Found(scheme, tflite, result, base.tflite, base.ranges)
            if not made and not holds:
                culprits = _culprits(found, calibration, where, progress)
            made.append(found)
            if holds:
                held.append(found)
        if held and min(len(f.tflite) for f in held) >= len(float_model) and (options.target, "none") not in REFUSED:
            # scales and conversions can cost a small model more than its weights save
            held = [Found(Scheme("none"), float_model, before, float_model, ranges)]
            trials.append(Trial("none", len(float_model), before, 0.0, True))
        if held:
            smallest = min(len(f.tflite) for f in held)
            alike = [f for f in held if len(f.tflite) <= smallest * (1 + _ALIKE)]
            return _with(max(alike, key=lambda f: f.score.value), trials, culprits)
    if not made:
        raise UnsupportedModel(
            "no quantization of this model works", where=where, why=trials[-1].failed if trials else None
        )
    return _with(max(made, key=lambda f: f.score.value), trials, culprits)


def _with(found: Found, trials: Sequence[Trial], culprits: tuple[LayerError, ...]) -> Found:
    return replace(found, trials=tuple(trials), culprits=culprits)


def _culprits(plain: Found, calibration: Samples, where: str, progress: Progress | None) -> tuple[LayerError, ...]:
    few = [values[:_SAMPLES] for values in calibration.inputs]
    return tuple(worst(analyze(plain.base, plain.tflite, few, plain.ranges, where, progress)))


def _bases(
    float_model: bytes, calibration: Samples, ranges: Mapping[str, Range], where: str, progress: Progress | None
) -> list[_Base]:
    """The float model as it is, and equalized if that leaves its results alone."""
    bases = [_Base(float_model, ranges, False)]
    equalized, changed = equalize(float_model, ranges, where)
    if changed:
        few = [values[:_SAMPLES] for values in calibration.inputs]
        want, have = run_all(float_model, few, where), run_all(equalized, few, where)
        if all(
            np.allclose(w, h, rtol=1e-3, atol=1e-3 * float(np.abs(w).max())) for w, h in zip(want, have, strict=True)
        ):
            bases.append(_Base(equalized, collect(equalized, calibration.inputs, where, progress), True))
    return bases


def _classes(
    bases: Sequence[_Base],
    calibration: Samples,
    target: Target,
    mode: Quantize,
    where: str,
    progress: Progress | None,
) -> Iterator[list[tuple[_Base, Scheme]]]:
    """Candidates, class by class. A class is made when the ones before it have failed."""
    edge: Quantize = mode if mode in ("int8", "int8-float-io", "int4-weights") else "int8"
    clips: tuple[Clipping, ...] = ("none", "mse", "p99.9")
    if mode == "int4-weights":
        yield [(b, Scheme(edge, c, equalized=b.equalized)) for b in bases for c in clips]
        edge = "int8"
    yield [(b, Scheme(edge, c, equalized=b.equalized)) for b in bases for c in clips]
    base = bases[-1]
    regions = _regions(base, calibration, edge, where, progress)
    if (target, "int16x8") not in REFUSED:
        yield [(base, Scheme(edge, in_int16=r, equalized=base.equalized)) for r in regions]
    if (target, "none") not in REFUSED:
        yield [(base, Scheme(edge, in_float=r, equalized=base.equalized)) for r in regions]
    if (target, "int16x8") not in REFUSED:
        yield [(b, Scheme("int16x8", equalized=b.equalized)) for b in bases]
    if (target, "none") not in REFUSED:
        yield [(bases[0], Scheme("none"))]


def _regions(
    base: _Base, calibration: Samples, mode: Quantize, where: str, progress: Progress | None
) -> list[tuple[str, ...]]:
    """The worst layer, the two worst, and so on, each with what reads it: outputs of the operators."""
    try:
        quantized = quantize(base.tflite, Scheme(mode), base.ranges, where)
    except UnsupportedModel:
        return []
    few = [values[:_SAMPLES] for values in calibration.inputs]
    layers: Sequence[LayerError] = analyze(base.tflite, quantized, few, base.ranges, where, progress)
    graph = parse_model(base.tflite, name="model", where=where)
    producers = {graph.output(op).name: op for op in graph.ops}
    regions: list[tuple[str, ...]] = []
    chosen: dict[str, None] = {}
    for layer in worst(layers, 4):
        if layer.name not in producers:
            continue
        chosen |= dict.fromkeys(_with_readers(graph, producers[layer.name]))
        if tuple(chosen) not in regions:
            regions.append(tuple(chosen))
    return regions


def _with_readers(graph: Graph, op: Op) -> list[str]:
    """An operator and what reads its output, through operators that pass values on: a layer whose output is kept
    precise for nothing, if the next one reads it in 8 bits."""
    names = [graph.output(op).name]
    for reader in graph.ops:
        if op.outputs[0] in reader.inputs:
            names += _with_readers(graph, reader) if reader.kind in _PASSES_ON else [graph.output(reader).name]
    return names
