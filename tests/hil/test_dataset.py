"""Data files: what is read of a good one, and what is said of a bad one."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from support.tflite_builder import ModelBuilder
from tinykit.errors import InputError
from tinykit.graph.reader import read_model
from tinykit.graph.types import Graph
from tinykit.hil.dataset import generated_dataset, load_dataset

from .conftest import DIGITS_DATA

X = np.arange(3 * 64, dtype=np.int8).reshape(3, 8, 8, 1)


def save(path: Path, **arrays: Any) -> Path:
    np.savez(path / "data.npz", **arrays)
    return path / "data.npz"


def graph_of(model: ModelBuilder, folder: Path) -> Graph:
    (folder / "model.tflite").write_bytes(model.build())
    return read_model(folder / "model.tflite")


def float_graph(folder: Path) -> Graph:
    model = ModelBuilder()
    model.op("TANH", [model.input((1, 4), "float32")], [model.output((1, 4), "float32")])
    return graph_of(model, folder)


def test_a_good_file(digits: Graph) -> None:
    data = load_dataset(DIGITS_DATA, digits)
    stored = np.load(DIGITS_DATA)
    assert data.size == len(data.inputs[0]) == 500
    assert data.inputs[0].shape == (500, 1, 8, 8, 1)
    assert (data.inputs[0].ravel() == stored["x"].ravel()).all()
    assert data.labels is not None
    assert (data.labels == stored["y"]).all()
    assert data.name == "digits_test.npz"
    assert data.sha256 == hashlib.sha256(DIGITS_DATA.read_bytes()).hexdigest()


def test_limit_takes_the_first_samples(digits: Graph) -> None:
    data, whole = load_dataset(DIGITS_DATA, digits, limit=7), load_dataset(DIGITS_DATA, digits)
    assert data.size == 7
    assert (data.inputs[0] == whole.inputs[0][:7]).all()
    assert data.labels is not None
    assert whole.labels is not None
    assert (data.labels == whole.labels[:7]).all()
    assert load_dataset(DIGITS_DATA, digits, limit=9999).size == 500


@pytest.mark.parametrize("shape", [(3, 8, 8, 1), (3, 1, 8, 8, 1), (3, 8, 8), (3, 64)])
def test_shapes_that_mean_the_same(digits: Graph, tmp_path: Path, shape: tuple[int, ...]) -> None:
    data = load_dataset(save(tmp_path, x=X.reshape(shape)), digits)
    assert (data.inputs[0] == X.reshape(3, 1, 8, 8, 1)).all()


def test_labels_are_optional_and_other_arrays_do_not_matter(digits: Graph, tmp_path: Path) -> None:
    names = np.array([{"class": 0}], object)
    assert load_dataset(save(tmp_path, x=X, names=names), digits).labels is None


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({}, "it holds nothing"),
        ({"images": X, "labels": X}, "it holds images, labels"),
        ({"x": np.int8(3)}, "no samples"),
        ({"x": X[:0]}, "no samples"),
        ({"x": X[:, :7]}, r"it is \[3, 7, 8, 1\]"),
        ({"x": X.reshape(3, 4, 16)}, r"needs \(N, 8, 8, 1\)"),
        ({"x": X[0]}, "wrong shape"),
        ({"x": X.astype(np.int16)}, "it is int16, .* is int8"),
        ({"x": X.view(np.uint8)}, "it is uint8"),
        ({"x": X.astype(complex)}, "it is complex128"),
        ({"x": X.astype(str)}, "wrong type"),
        ({"x": X > 3}, "it is bool"),
        ({"x": np.where(X > 3, np.inf, 0.0)}, "not finite"),
        ({"x": X.astype(object)}, "allow_pickle=False"),
        ({"x": X, "y": np.array([{}, {}, {}], object)}, "allow_pickle=False"),
        ({"x": X, "y": np.zeros(4, int)}, r"y is int64 of shape \[4\], x has 3 samples"),
        ({"x": X, "y": np.int64(4)}, "labels do not fit"),
        ({"x": X, "y": np.array(["a", "b", "c"])}, "labels do not fit"),
    ],
)
def test_arrays_that_do_not_fit(digits: Graph, tmp_path: Path, arrays: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        load_dataset(save(tmp_path, **arrays), digits)
    assert "data.npz" in str(caught.value)
    assert caught.value.hint


def test_several_inputs_need_one_array_each(tmp_path: Path) -> None:
    model = ModelBuilder()
    inputs = [model.input((1, 4), scale=0.1), model.input((1, 2, 4), scale=0.1)]
    model.op("ADD", inputs, [model.output((1, 2, 4), scale=0.1)])
    graph = graph_of(model, tmp_path)
    x0, x1 = np.zeros((5, 4), np.int8), np.ones((5, 2, 4), np.int8)
    data = load_dataset(save(tmp_path, x0=x0, x1=x1), graph)
    assert [x.shape for x in data.sample(0)] == [(1, 4), (1, 2, 4)]
    with pytest.raises(InputError, match="no array 'x1'"):
        load_dataset(save(tmp_path, x0=x0, x=x1), graph)
    with pytest.raises(InputError, match="x1 has 4 samples, x0 5"):
        load_dataset(save(tmp_path, x0=x0, x1=x1[:4]), graph)


def test_float_model_takes_any_float_that_it_can_hold(tmp_path: Path) -> None:
    graph = float_graph(tmp_path)
    assert load_dataset(save(tmp_path, x=np.full((2, 4), 0.1)), graph).inputs[0].dtype == np.float32
    assert load_dataset(save(tmp_path, x=np.full((2, 4), 2, np.float16)), graph).inputs[0].max() == 2
    with pytest.raises(InputError, match="beyond float32"):
        load_dataset(save(tmp_path, x=np.full((2, 4), 1e39)), graph)
    with pytest.raises(InputError, match="it is int8"):
        load_dataset(save(tmp_path, x=np.zeros((2, 4), np.int8)), graph)


def test_generated_noise_is_as_documented(digits: Graph, tmp_path: Path) -> None:
    state, expected = 12345, []
    for _ in range(3 * 64):
        state = (state * 1664525 + 1013904223) % 2**32
        expected.append(state >> 24)
    data = generated_dataset(digits, 3)
    assert data.inputs[0].view(np.uint8).ravel().tolist() == expected
    assert data.sha256 is data.labels is None
    floats = generated_dataset(float_graph(tmp_path), 2).inputs[0].ravel()
    assert (floats == np.array(expected[:8], np.uint8).view(np.int8) / np.float32(128)).all()
