"""What every front end gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tinykit.graph.forest import Forest

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Trees:
    """Decision trees in float32.

    Attributes:
        forest: as the operator TINYKIT_FOREST has them.
        features: elements of the input.
        predict: the estimator's own answer: (N, features) float32 to (N, values).
        probabilities: the values are probabilities of classes; else they are what was predicted.
    """

    forest: Forest
    features: int
    predict: Callable[[np.ndarray], np.ndarray]
    probabilities: bool


@dataclass(frozen=True)
class FloatModel:
    """A model as a float32 .tflite file in memory.

    Attributes:
        tflite: the file's bytes. After ``normalize``: static shapes, unique tensor names, one signature.
        source: framework and version that it came from ("keras 3.15.1").
        notes: what the user has to know of how it was converted.
        channels_moved: inputs, by position, whose channels the source had first (NCHW) and the .tflite has last.
        classes: labels of a classifier's outputs in their order, where the source knows them.
        trees: the model is decision trees, which no quantizer and no interpreter knows.
    """

    tflite: bytes
    source: str
    notes: tuple[str, ...] = ()
    channels_moved: tuple[int, ...] = ()
    classes: tuple[int | str, ...] | None = None
    trees: Trees | None = None
