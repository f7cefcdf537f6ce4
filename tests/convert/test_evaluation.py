"""Labels in every usual form give the same score; what fits no output is refused with the numbers."""

from __future__ import annotations

import numpy as np
import pytest

from tinykit.convert.evaluation import Score, class_indices, score
from tinykit.errors import InputError

OUTPUTS = np.array([[0.7, 0.2, 0.1], [0.4, 0.4, 0.2], [0.1, 0.2, 0.7], [0.6, 0.3, 0.1]])
CLASSES = np.array([0, 1, 2, 2])


@pytest.mark.parametrize("labels", [CLASSES, CLASSES.astype(np.float32), CLASSES[:, np.newaxis], np.eye(3)[CLASSES]])
def test_classes_in_every_form(labels: np.ndarray) -> None:
    assert score(OUTPUTS, labels, "d") == Score("top1", 0.75, 1)
    assert score(OUTPUTS, class_indices(labels, (0, 1, 2), "d"), "d").value == 0.75


def test_classes_with_labels_of_their_own() -> None:
    for labels in (CLASSES * 10 + 5, CLASSES[:, np.newaxis] * 10 + 5.0, np.eye(3)[CLASSES]):
        assert score(OUTPUTS, class_indices(labels, (5, 15, 25), "d"), "d").value == 0.75
    with pytest.raises(InputError, match="classes that the model does not have"):
        class_indices(CLASSES, (5, 15, 25), "d")


def test_classes_that_there_are_not() -> None:
    with pytest.raises(InputError) as caught:
        score(OUTPUTS, CLASSES + 1, "d.npz")
    assert "from 1 to 3, the output's elements from 0 to 2" in str(caught.value.why)


def test_one_output() -> None:
    one = np.array([[0.9], [0.2], [0.6]])
    for labels in (np.array([1, 0, 0]), np.array([1.0, 0.0, 0.0])):
        assert score(one, labels, "d") == Score("binary", pytest.approx(2 / 3))
    assert score(one, np.array([0.9, 0.2, 0.6]), "d") == Score("r2", 1.0)


def test_values() -> None:
    assert score(OUTPUTS, OUTPUTS, "d") == Score("r2", 1.0)
    with pytest.raises(InputError, match="do not fit"):
        score(OUTPUTS, OUTPUTS[:, :2], "d")
