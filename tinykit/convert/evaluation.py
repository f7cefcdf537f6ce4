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


@dataclass(frozen=True)
class Score:
    """``metric``: "top1", "binary" (share that is right, 0..1) or "r2" (coefficient of determination, at most 1)."""

    metric: str
    value: float


def outputs_of(
    tflite: bytes, samples: Samples, where: str, progress: Progress | None = None, what: str = "measuring accuracy"
) -> np.ndarray:
    """The first output for all samples as real numbers, (N, *output shape)."""
    graph = parse_model(tflite, name="model", where=where)
    inputs = [in_type(v, graph.tensor(i)) for v, i in zip(samples.inputs, graph.inputs, strict=True)]
    return real(run_all(tflite, inputs, where, progress=progress, what=what)[0], graph.tensor(graph.outputs[0]))


def score(outputs: np.ndarray, labels: np.ndarray, where: str) -> Score:
    """Compare outputs with labels.

    Whole numbers are classes: of several outputs the largest counts (where several are as large, which int8 makes
    happen, the label if it is among them, as in `tinykit run`), of a single one whether it is above 0.5. Other labels
    are values to be predicted.

    Raises:
        InputError: the labels do not fit the outputs.
    """
    flat = outputs.reshape(len(outputs), -1)
    if labels.dtype.kind in "iub" and (labels.ndim == 1 or labels.shape[1:] == (1,)):
        whole = labels.reshape(-1).astype(np.int64)
        if flat.shape[1] == 1 and set(np.unique(whole)) <= {0, 1}:
            return Score("binary", float(np.mean((flat[:, 0] > 0.5) == whole)))
        if flat.shape[1] > 1:
            if whole.min() < 0 or whole.max() >= flat.shape[1]:
                raise _unfit(labels, flat, where)
            of_label = np.take_along_axis(flat, whole[:, np.newaxis], axis=1)[:, 0]
            predicted = np.where(of_label == flat.max(axis=1), whole, flat.argmax(axis=1))
            return Score("top1", float(np.mean(predicted == whole)))
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
    if classes is None or (labels.dtype.kind in "iu" and list(classes) == list(range(len(classes)))):
        return labels
    number = {label: i for i, label in enumerate(classes)}
    try:
        return np.array([number[label] for label in labels.tolist()], np.int64)
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
