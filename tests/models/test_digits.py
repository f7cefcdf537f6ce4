"""The demo's model: what the README says of it holds, and its recipe makes it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from support.oracle import run_oracle
from tinykit.graph.reader import read_model

DIGITS = Path(__file__).resolve().parents[2] / "models" / "digits"


def accuracy(folder: Path) -> float:
    """Share of the test set that TFLite-Micro's reference kernels get right."""
    data = np.load(folder / "digits_test.npz")
    (scores,) = run_oracle((folder / "digits.tflite").read_bytes(), [data["x"].reshape(-1, 1, 8, 8, 1)]).outputs
    return float(np.mean(scores.reshape(len(scores), 10).argmax(-1) == data["y"]))


def train(out: Path, *options: str) -> None:
    subprocess.run([sys.executable, DIGITS / "train.py", "--out", out, *options], check=True, capture_output=True)


def test_accuracy_of_the_kept_model() -> None:
    assert accuracy(DIGITS) == pytest.approx(0.978, abs=1e-9)


def test_model_and_test_set_are_small() -> None:
    files = [DIGITS / "digits.tflite", DIGITS / "digits_test.npz"]
    assert sum(file.stat().st_size for file in files) < 100_000


def test_model_shows_real_layers() -> None:
    graph = read_model(DIGITS / "digits.tflite")
    kinds = {op.kind for op in graph.ops}
    assert {"CONV_2D", "DEPTHWISE_CONV_2D", "MAX_POOL_2D", "FULLY_CONNECTED", "SOFTMAX"} <= kinds
    filters = graph.input(graph.ops[0], 1)
    assert filters is not None
    assert filters.quant is not None
    assert filters.quant.per_channel


def test_test_set_is_balanced_enough_to_judge_every_class() -> None:
    data = np.load(DIGITS / "digits_test.npz")
    assert data["x"].dtype == np.int8
    assert data["x"].shape == (500, 8, 8, 1)
    assert np.bincount(data["y"], minlength=10).min() >= 35


def test_recipe_gives_the_same_bytes_twice(tmp_path: Path) -> None:
    for name in ("a", "b"):
        train(tmp_path / name, "--epochs", "1")
    for file in ("digits.tflite", "digits_test.npz"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


@pytest.mark.slow
def test_recipe_reaches_the_accuracy_on_any_machine(tmp_path: Path) -> None:
    train(tmp_path)
    assert accuracy(tmp_path) >= 0.965  # other versions of numpy round differently along the way
    kept, fresh = (read_model(folder / "digits.tflite") for folder in (DIGITS, tmp_path))
    assert [op.kind for op in fresh.ops] == [op.kind for op in kept.ops]
    assert np.array_equal(np.load(tmp_path / "digits_test.npz")["x"], np.load(DIGITS / "digits_test.npz")["x"])
