"""Labels as classes of the output, or as anomalies: every usual form is read the same, and what is none is refused."""

from __future__ import annotations

import numpy as np
import pytest

from support.tflite_builder import ModelBuilder
from tinykit.errors import InputError
from tinykit.graph.reader import parse_model
from tinykit.graph.types import Graph
from tinykit.hil.labels import class_labels, sample_labels


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


def graph_of(inputs: int, outputs: int) -> Graph:
    model = ModelBuilder()
    quant = {"scale": 1.0, "zero_point": 0}
    x = model.input((1, inputs), **quant)
    weights = model.const(np.ones((outputs, inputs), np.int8), **quant)
    model.op("FULLY_CONNECTED", [x, weights, -1], [model.output((1, outputs), **quant)])
    return parse_model(model.build(), name="dense", where="dense.tflite")


@pytest.mark.parametrize("shape", [(3,), (3, 1)])
def test_booleans_of_an_autoencoder_say_what_is_an_anomaly(shape: tuple[int, ...]) -> None:
    found = sample_labels(np.array([True, False, True]).reshape(shape), graph_of(4, 4), "data.npz")
    assert found.dtype == bool
    assert found.tolist() == [True, False, True]


@pytest.mark.parametrize("labels", [[True, False], [[False, True], [True, False]]], ids=["flat", "one-hot"])
def test_booleans_of_other_models_are_classes(labels: list[object]) -> None:
    found = sample_labels(np.array(labels), graph_of(4, 2), "data.npz")
    assert found.dtype.kind == "i"
    assert found.tolist() == [1, 0]


def test_numbers_of_an_autoencoder_are_classes() -> None:
    assert sample_labels(np.array([1, 0]), graph_of(4, 4), "data.npz").dtype.kind == "i"
