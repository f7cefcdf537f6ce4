"""Labels of test data: the classes of a model's output, or, for autoencoders, which samples are anomalies."""

from __future__ import annotations

import numpy as np

from tinykit.errors import InputError
from tinykit.graph.types import Graph


def sample_labels(labels: np.ndarray, graph: Graph, where: str) -> np.ndarray:
    """What a file's labels mean for this model, shape (N,).

    Booleans, one for each sample, of a model whose output has its input's shape stay what they are: whether the sample
    is an anomaly. All others are classes, as integers.

    Raises:
        InputError: they are neither.
    """
    output = graph.tensor(graph.outputs[0])
    rebuilds = graph.tensor(graph.inputs[0]).shape == output.shape
    if labels.dtype.kind == "b" and labels.size == len(labels) and rebuilds:
        return labels.reshape(-1)
    return class_labels(labels, output.size, where)


def class_labels(labels: np.ndarray, classes: int, where: str) -> np.ndarray:
    """Labels as integers, shape (N,).

    Args:
        labels: shape (N,) or (N, 1) of whole numbers, or (N, classes) with a single one in each row.
        classes: elements of the model's output.
        where: the file, for messages.

    Raises:
        InputError: they are something else, or name a class that the output does not have.
    """
    flat = labels.reshape(len(labels), -1)
    if classes > 1 and flat.shape[1] == classes and is_one_hot(flat):
        return np.asarray(np.argmax(flat, axis=1))
    if flat.shape[1] != 1 or not np.all(np.isfinite(flat)) or np.any(flat != np.round(flat)):
        raise InputError(
            "the labels are no classes",
            where=where,
            why=f"y is {labels.dtype} of shape {list(labels.shape)}; the model's output has {classes} elements",
            hint="give the number of the right output element for each sample, or leave y out",
        )
    numbers = flat[:, 0].astype(np.int64)
    if classes > 1 and (numbers.min() < 0 or numbers.max() >= classes):
        raise InputError(
            "the labels name classes that the model does not have",
            where=where,
            why=f"y goes from {numbers.min()} to {numbers.max()}, the output's elements from 0 to {classes - 1}",
            hint="number the classes as the model does",
        )
    return np.asarray(numbers)


def predictions(output: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The class of the largest output; of several as large the label, if it is among them, else the first."""
    flat = output.reshape(len(output), -1)
    of_label = np.take_along_axis(flat, labels.astype(np.int64)[:, np.newaxis], axis=1)[:, 0]
    return np.asarray(np.where(of_label == flat.max(axis=1), labels, np.argmax(flat, axis=1)))


def ties(output: np.ndarray) -> int:
    """Samples with several outputs as large as the largest."""
    flat = output.reshape(len(output), -1)
    return int(np.count_nonzero(np.count_nonzero(flat == flat.max(axis=1, keepdims=True), axis=1) > 1))


def is_one_hot(rows: np.ndarray) -> bool:
    """Whether each of (N, classes) holds a single one, else zeros."""
    return bool(np.all((rows == 0) | (rows == 1)) and np.all(np.count_nonzero(rows, axis=1) == 1))
