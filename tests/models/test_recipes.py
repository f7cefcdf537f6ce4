"""The models that the recipes made: what models/README.md says of them holds, and the recipes make them again."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tinykit.graph.reader import read_model

from .conftest import MODELS, Recipe

NAMES = ("digits", "gestures", "keywords", "vibration")
CLASSIFIERS = {"digits": (0.978, 0.965), "gestures": (0.995, 0.97), "keywords": (0.9679, 0.93)}
"""Accuracy of the kept model, in int8; and what the recipe reaches with any versions of NumPy and espeak-ng."""
MORE = {"keywords": ("--test", "25")}
"""A test set large enough to tell a recipe that is worse from one that had no luck."""
QUICK = {"digits": ("--epochs", "1"), "gestures": ("--epochs", "1", "--test", "2"), "vibration": ("--epochs", "1")}


def skip_without_tools(name: str) -> None:
    if name == "keywords" and shutil.which("espeak-ng") is None:
        pytest.skip("espeak-ng is not installed")


def vibration_auc(folder: Path | None = None) -> float:
    """Of the squared error of what TFLite-Micro rebuilds."""
    recipe = Recipe("vibration")
    model, file = recipe.files(folder)
    data = np.load(file)
    quant = read_model(model).tensor(read_model(model).inputs[0]).quant
    assert quant is not None
    x = (data["x"].astype(np.float64) - quant.zero_point) * float(quant.scale)
    scores = np.mean((recipe.outputs(folder) - x) ** 2, axis=1)
    return float(np.mean(scores[data["y"]][:, np.newaxis] > scores[~data["y"]]))


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_accuracy_of_the_kept_model(name: str) -> None:
    assert Recipe(name).accuracy() == pytest.approx(CLASSIFIERS[name][0], abs=5e-4)


def test_area_under_the_curve_of_the_kept_model() -> None:
    assert vibration_auc() == pytest.approx(0.940, abs=1e-3)


@pytest.mark.parametrize("name", NAMES)
def test_files_are_small(name: str) -> None:
    assert all(file.stat().st_size < 100_000 for file in Recipe(name).files())


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_test_set_has_every_class_as_often(name: str) -> None:
    labels = np.load(Recipe(name).files()[1])["y"]
    counts = np.bincount(labels)
    graph = read_model(Recipe(name).files()[0])
    assert len(counts) == graph.tensor(graph.outputs[0]).size
    assert counts.min() >= 0.7 * counts.max() >= 7


@pytest.mark.parametrize("name", NAMES)
def test_the_table_says_what_is_so(name: str) -> None:
    row = next(line for line in (MODELS / "README.md").read_text().splitlines() if line.startswith(f"| `{name}` |"))
    model, data = Recipe(name).files()
    graph = read_model(model)
    shape = "x".join(str(d) for d in graph.tensor(graph.inputs[0]).shape)
    assert f"int8 {shape}" in row
    assert f"{model.stat().st_size / 1000:.1f} KB" in row
    assert f"({len(np.load(data)['y'])} " in row
    said = re.search(r"([\d.]+) int8", row)
    assert said is not None
    reached = vibration_auc() if name == "vibration" else Recipe(name).accuracy()
    assert float(said[1]) == pytest.approx(reached, abs=5e-4)


@pytest.mark.slow
@pytest.mark.parametrize("name", QUICK)
def test_recipe_gives_the_same_bytes_twice(name: str, tmp_path: Path) -> None:
    recipe = Recipe(name)
    for folder in ("a", "b"):
        recipe.train(tmp_path / folder, *QUICK[name])
    for one, other in zip(recipe.files(tmp_path / "a"), recipe.files(tmp_path / "b"), strict=True):
        assert one.read_bytes() == other.read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_recipe_reaches_the_accuracy_on_any_machine(name: str, tmp_path: Path) -> None:
    skip_without_tools(name)
    recipe = Recipe(name)
    recipe.train(tmp_path, *MORE.get(name, ()))
    assert recipe.accuracy(tmp_path) >= CLASSIFIERS[name][1]
    kept, fresh = (read_model(recipe.files(folder)[0]) for folder in (recipe.folder, tmp_path))
    assert [op.kind for op in fresh.ops] == [op.kind for op in kept.ops]


@pytest.mark.slow
def test_vibration_recipe_reaches_its_area_under_the_curve_on_any_machine(tmp_path: Path) -> None:
    Recipe("vibration").train(tmp_path)
    assert vibration_auc(tmp_path) >= 0.92


def test_keywords_recipe_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = subprocess.run(
        [sys.executable, MODELS / "keywords" / "train.py", "--out", tmp_path / "out"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (
        1,
        "espeak-ng is not installed; try: sudo apt-get install espeak-ng\n",
    )
    assert not (tmp_path / "out").exists()


def test_held_out_voices_are_not_in_training() -> None:
    text = (MODELS / "keywords" / "train.py").read_text()
    lists = dict(re.findall(r'^((?:VARIANTS|UNKNOWN)_\w+) = "+([^"]*)"', text, flags=re.MULTILINE))
    for kind in ("VARIANTS", "UNKNOWN"):
        training, test = (lists[f"{kind}_{part}"].split() for part in ("TRAINING", "TEST"))
        assert len(test) >= 12
        assert not set(training) & set(test)
        assert len(set(test)) == len(test)
