"""What labels mean for a model's output."""

from __future__ import annotations

import numpy as np

from tinykit.compress.network import Task
from tinykit.convert.samples import Samples
from tinykit.errors import InputError
from tinykit.hil.labels import class_labels, is_one_hot


def targets(samples: Samples, outputs: int, single_is_probability: bool, where: str) -> tuple[np.ndarray, Task]:
    """Labels as training needs them, and what they are.

    Args:
        outputs: values that the model gives for a sample.
        single_is_probability: of a model with one output: it ends in a sigmoid.

    Raises:
        InputError: there are no labels, or they do not fit the output.
    """
    labels = samples.labels
    if labels is None:
        raise InputError(
            "there are no labels",
            where=where,
            why="training needs to know the right answers",
            hint="save them as y: numpy.savez(file, x=samples, y=labels)",
        )
    if labels.dtype.kind not in "fiub":
        raise InputError(
            "the labels are no numbers", where=where, why=f"y is {labels.dtype}", hint="number the classes"
        )
    if labels.dtype.kind == "f" and not np.all(np.isfinite(labels)):
        raise InputError("the labels hold numbers that are not finite", where=where, hint="clean the data")
    flat = labels.reshape(len(labels), -1)
    if outputs > 1 and (flat.shape[1] == 1 or (flat.shape[1] == outputs and is_one_hot(flat))):
        return class_labels(labels, outputs, where), "classes"
    if outputs == flat.shape[1] == 1 and single_is_probability and np.all((flat == 0) | (flat == 1)):
        return flat[:, 0].astype(np.int64), "binary"
    if flat.shape[1] != outputs:
        raise InputError(
            "the labels do not fit the model's output",
            where=where,
            why=f"y is {labels.dtype} of shape {list(labels.shape)}, the model gives {outputs} values",
            hint="give y as class numbers from 0, or as values of the output's shape",
        )
    return flat.astype(np.float32), "values"
