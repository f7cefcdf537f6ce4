"""How well a model does on labelled data, before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinykit.convert.analysis import in_type, real
from tinykit.convert.interpreter import Progress, run_all
from tinykit.convert.samples import Samples
from tinykit.errors import InputError
from tinykit.graph.reader import parse_model
from tinykit.hil.labels import class_labels, is_one_hot, predictions, ties


@dataclass(frozen=True)
class Score:
    """``metric``: "top1", "binary" (share that is right, 0..1) or "r2" (coefficient of determination, at most 1).

    ``ties``: of "top1", samples with several outputs as large as the largest.
    """

    metric: str
    value: float
    ties: int | None = None


def outputs_of(
    tflite: bytes, samples: Samples, where: str, progress: Progress | None = None, what: str = "measuring accuracy"
) -> np.ndarray:
    """The first output for all samples as real numbers, (N, *output shape)."""
    graph = parse_model(tflite, name="model", where=where)
    inputs = [in_type(v, graph.tensor(i)) for v, i in zip(samples.inputs, graph.inputs, strict=True)]
    return real(run_all(tflite, inputs, where, progress=progress, what=what)[0], graph.tensor(graph.outputs[0]))


def score(outputs: np.ndarray, labels: np.ndarray, where: str) -> Score:
    """Compare outputs with labels.

    Whole numbers, and rows with a single one, are classes: of several outputs the largest counts (where several are as
    large, which int8 makes happen, the label if it is among them, as in `tinykit run`), of a single one, for labels of
    0 and 1, whether it is above 0.5. Other labels are values to be predicted.

    Raises:
        InputError: the labels do not fit the outputs.
    """
    flat = outputs.reshape(len(outputs), -1)
    if labels.dtype.kind in "fiub":
        rows, width = labels.reshape(len(labels), -1), flat.shape[1]
        if width == 1 and rows.shape[1] == 1 and np.all((rows == 0) | (rows == 1)):
            return Score("binary", float(np.mean((flat[:, 0] > 0.5) == (rows[:, 0] == 1))))
        if width > 1 and (rows.shape[1] == 1 or (rows.shape == flat.shape and is_one_hot(rows))):
            whole = class_labels(labels, width, where)
            return Score("top1", float(np.mean(predictions(flat, whole) == whole)), ties(flat))
    wanted = labels.reshape(len(labels), -1)
    if labels.dtype.kind not in "fiub" or wanted.shape != flat.shape:
        raise _unfit(labels, flat, where)
    residual = float(((flat - wanted) ** 2).sum())
    total = float(((wanted - wanted.mean(axis=0)) ** 2).sum())
    return Score("r2", 1 - residual / total if total > 0 else float(residual == 0))


def class_indices(labels: np.ndarray, classes: Sequence[int | str] | None, where: str) -> np.ndarray:
    """Labels as numbers of outputs, where the model knows the labels of its classes.

    Raises:
        InputError: a label that is no class of the model.
    """
    numbers = labels.dtype.kind in "fiub"
    if classes is None or (numbers and list(classes) == list(range(len(classes)))):
        return labels
    if labels.ndim == 2 and labels.shape[1] == len(classes) > 1 and numbers and is_one_hot(labels):
        return labels
    number = {label: i for i, label in enumerate(classes)}
    try:
        return np.array(
            [number[label] for label in (labels[:, 0] if labels.shape[1:] == (1,) else labels).tolist()], np.int64
        )
    except (KeyError, TypeError):
        raise InputError(
            "the labels hold classes that the model does not have",
            where=where,
            why=f"the model's are {', '.join(map(str, list(classes)[:10]))}",
        ) from None


def _unfit(labels: np.ndarray, outputs: np.ndarray, where: str) -> InputError:
    return InputError(
        "the labels do not fit the model's output",
        where=where,
        why=f"y is {labels.dtype} of shape {list(labels.shape)}, the output has {outputs.shape[1]} values",
        hint="give y as class numbers from 0, or as values of the output's shape",
    )
