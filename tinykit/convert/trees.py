"""Decision trees: neither calibrated nor run by an interpreter, so they go a way of their own."""

from __future__ import annotations

import numpy as np

from tinykit.convert.analysis import in_type, real
from tinykit.convert.auto import DEFAULT_DROP, Trial
from tinykit.convert.evaluation import Score, class_indices, score
from tinykit.convert.identity import compare_trees
from tinykit.convert.interpreter import Progress
from tinykit.convert.model import FloatModel, Trees
from tinykit.convert.options import ConvertOptions, Quantize
from tinykit.convert.quantize import Scheme
from tinykit.convert.result import Conversion
from tinykit.convert.samples import Samples, noise
from tinykit.convert.sklearn_trees import quantize_forest, write_forest
from tinykit.errors import InputError, UnsupportedModel
from tinykit.graph.forest import Forest, forest_of
from tinykit.graph.reader import parse_model
from tinykit.text import utf8

_APART = 0.9
"""Share of the thresholds that have to stay different."""
_MODES: tuple[Quantize, ...] = ("int8", "none")


def convert_trees(
    model: FloatModel,
    trees: Trees,
    source: str,
    options: ConvertOptions,
    calibration: Samples | None,
    data: Samples | None,
    progress: Progress | None,
) -> Conversion:
    """Quantize trees, and compare them with what scikit-learn answers.

    Raises:
        UnsupportedModel: a target or a kind of quantization that there is not for trees.
        InputError: --auto without labels.
    """
    if options.target != "mcu":
        raise UnsupportedModel(
            f"trees do not run on --target {options.target}",
            where=source,
            why="their operator is tinykit's own: its compiled C runs it, LiteRT and the Edge TPU do not know it",
            hint="give --target mcu, or train a network (MLPClassifier)",
        )
    if options.quantize not in _MODES:
        raise UnsupportedModel(
            f"-q {options.quantize} is not for trees",
            where=source,
            why="they compare features with thresholds, and multiply nothing",
            hint=f"use one of {', '.join(_MODES)}",
        )
    before = _measured(model.tflite, model, data, options, own=trees)
    small = _in_int8(trees)
    trials: tuple[Trial, ...] = ()
    mode = options.quantize
    if options.auto:
        if before is None:
            raise InputError("--auto needs labels", where=str(options.data), hint="add y, one label for each sample")
        trials = (
            _trial("int8", small, before, _measured(small, model, data, options), options),
            _trial("none", model.tflite, before, _measured(model.tflite, model, data, options), options),
        )
        mode = "int8" if trials[0].holds else "none"
    tflite = small if mode == "int8" else model.tflite
    identity = None
    if options.identity:
        identity = compare_trees(tflite, trees, data or calibration or noise(model.tflite), source, progress)
    notes = [*model.notes]
    for samples in (calibration, data):
        notes += [] if samples is None else [f"{samples.name}: {note}" for note in samples.notes]
    if mode == "int8":
        notes += _merged(trees)
    if trees.probabilities and (given := data or calibration) is not None:
        flat = given.inputs[0].reshape(given.size, -1)
        same = int((_answers(tflite, flat).argmax(axis=1) == trees.predict(flat).argmax(axis=1)).sum())
        notes.append(f"{same} of {given.size} decisions are those of scikit-learn")
    if data is not None and data.labels is None:
        notes.append("no accuracy: the data has no labels (y)")
    return Conversion(
        source=utf8(source), framework=model.source, target=options.target, scheme=Scheme(mode), tflite=tflite,
        float_bytes=len(model.tflite), before=before, after=_measured(tflite, model, data, options),
        data=data.name if data else None, data_size=data.size if data else 0,
        calibration=calibration.name if calibration else None, calibration_size=calibration.size if calibration else 0,
        layers=(), identity=identity, trials=trials, notes=tuple(notes),
    )  # fmt: skip


def _in_int8(trees: Trees) -> bytes:
    forest, source, target = quantize_forest(trees)
    return write_forest(forest, trees.features, source, target)


def _merged(trees: Trees) -> list[str]:
    """A warning where int8 cannot tell thresholds apart, which features of unlike sizes make happen."""

    def different(forest: Forest) -> int:
        return len(np.unique(np.stack([forest.features, forest.thresholds], axis=1), axis=0))

    exact, small = different(trees.forest), different(quantize_forest(trees)[0])
    if small >= _APART * exact:
        return []
    return [
        f"of {exact} different thresholds int8 tells {small} apart: features of unlike sizes share one scale; "
        "scale them alike before the model, or use -q none"
    ]


def _measured(
    tflite: bytes, model: FloatModel, data: Samples | None, options: ConvertOptions, own: Trees | None = None
) -> Score | None:
    """Accuracy on labelled data: of the .tflite, or of scikit-learn itself (``own``)."""
    if data is None or data.labels is None:
        return None
    labels = class_indices(data.labels, model.classes, str(options.data))
    flat = data.inputs[0].reshape(data.size, -1)
    if own is not None:
        return score(own.predict(flat), labels, str(options.data))
    return score(_answers(tflite, flat), labels, str(options.data))


def _answers(tflite: bytes, flat: np.ndarray) -> np.ndarray:
    """What the .tflite answers to (N, features), as real numbers (N, values)."""
    graph = parse_model(tflite, name="model", where="trees")
    first, last = graph.tensor(graph.inputs[0]), graph.tensor(graph.outputs[0])
    return real(forest_of(graph, graph.ops[0]).evaluate(in_type(flat, first)), last)


def _trial(name: Quantize, tflite: bytes, before: Score, after: Score | None, options: ConvertOptions) -> Trial:
    assert after is not None
    floor = DEFAULT_DROP if options.max_accuracy_drop is None else options.max_accuracy_drop
    drop = round(100 * (before.value - after.value), 9) + 0.0
    return Trial(Scheme(name).label, len(tflite), after, drop, drop <= floor + 1e-9)
