"""Labels as classes of the output: every usual form is read the same, and what is none is refused."""

from __future__ import annotations

import numpy as np
import pytest

from tinykit.errors import InputError
from tinykit.hil.labels import class_labels


@pytest.mark.parametrize(
    "labels",
    [
        np.array([2, 0, 1], np.int64),
        np.array([2, 0, 1], np.uint8),
        np.array([2.0, 0.0, 1.0]),
        np.array([[2], [0], [1]]),
        np.array([[0, 0, 1], [1, 0, 0], [0, 1, 0]], np.float32),
    ],
    ids=["int64", "uint8", "whole floats", "column", "one-hot"],
)
def test_every_usual_form(labels: np.ndarray) -> None:
    found = class_labels(labels, 3, "data.npz")
    assert found.dtype.kind == "i"
    assert found.tolist() == [2, 0, 1]


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (np.array([0, 3]), "from 0 to 3, the output's elements from 0 to 2"),
        (np.array([-1, 0]), "from -1 to 0"),
        (np.array([0.5, 1.0]), "float64 of shape"),
        (np.array([0.0, np.nan]), "float64 of shape"),
        (np.array([[0, 1], [1, 0]]), "shape [2, 2]; the model's output has 3 elements"),
        (np.array([[1, 1, 0], [0, 0, 0]]), "shape [2, 3]"),
    ],
    ids=["too large", "negative", "no whole number", "nan", "other width", "not one per row"],
)
def test_labels_that_are_no_classes(labels: np.ndarray, words: str) -> None:
    with pytest.raises(InputError) as caught:
        class_labels(labels, 3, "data.npz")
    assert words in str(caught.value)
    assert caught.value.where == "data.npz"
    assert caught.value.hint
