"""Trees and forests of scikit-learn: every decision as scikit-learn's, on the emulated board as on the host."""

from __future__ import annotations

import pickle
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_iris, load_wine
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from tinykit.convert import ConvertOptions, convert
from tinykit.convert.sklearn import convert_sklearn
from tinykit.convert.sklearn_trees import quantize_forest
from tinykit.errors import UnsupportedModel
from tinykit.hil.run import RunOptions, run_model

from .conftest import TRAINING, Convert, Digits, refused


def dump(model: Any, path: Path) -> Path:
    path.write_bytes(pickle.dumps(model))
    return path


def forest_trees(model: Any) -> Any:
    trees = convert_sklearn(model, "m").trees
    assert trees is not None
    return trees


@pytest.mark.parametrize("load", [load_iris, load_wine])
@pytest.mark.parametrize(
    "model",
    [
        DecisionTreeClassifier(random_state=0),
        RandomForestClassifier(20, random_state=0),
        ExtraTreesClassifier(20, random_state=0),
        ExtraTreesClassifier(20, max_depth=1, random_state=0),
        make_pipeline(MinMaxScaler(), StandardScaler(), RandomForestClassifier(10, random_state=0)),
    ],
    ids=lambda model: type(model).__name__,
)
def test_float_trees_answer_as_scikit_learn(load: Any, model: Any) -> None:
    x, y = load(return_X_y=True)
    x = x.astype(np.float32)
    model.fit(x[::2], y[::2])
    trees = forest_trees(model)
    assert np.allclose(trees.forest.evaluate(x), model.predict_proba(x), atol=1e-6)


def test_values_on_a_threshold_go_where_scikit_learn_has_them_go() -> None:
    """Features of whole halves, so that thresholds are values that occur; and thresholds no float32 can hold."""
    rng = np.random.default_rng(4)
    x = (rng.integers(0, 40, (400, 3)) / 2).astype(np.float32)
    model = ExtraTreesClassifier(30, random_state=1).fit(x, (x.sum(axis=1) > 30) ^ (x[:, 0] > 10))
    trees = forest_trees(model)
    around = np.concatenate([trees.forest.thresholds, np.nextafter(trees.forest.thresholds, np.float32(99))])
    samples = rng.choice(around, (2000, 3)).astype(np.float32)
    assert np.allclose(trees.forest.evaluate(samples), model.predict_proba(samples), atol=1e-6)


@pytest.mark.parametrize(
    "model", [DecisionTreeRegressor(max_depth=5), RandomForestRegressor(10), ExtraTreesRegressor(10, max_depth=6)]
)
@pytest.mark.parametrize("outputs", [1, 2])
def test_regressors(model: Any, outputs: int) -> None:
    x, y = load_diabetes(return_X_y=True)
    x, wanted = x.astype(np.float32), np.stack([y, -y], axis=1)[:, :outputs]
    model.fit(x, wanted.squeeze())
    trees = forest_trees(model)
    want = model.predict(x).reshape(len(x), -1)
    assert np.allclose(trees.forest.evaluate(x), want, rtol=1e-5)
    small, source, target = quantize_forest(trees)
    q = np.clip(np.rint(x / source[0]) + source[1], -128, 127).astype(np.int8)
    have = (small.evaluate(q).astype(np.float64) - target[1]) * target[0]
    # a step of the output, and what the input's steps decide otherwise
    assert np.median(np.abs(have - want)) <= 2 * target[0]


def test_whole_numbers_keep_every_decision_in_int8() -> None:
    rng = np.random.default_rng(4)
    x = rng.integers(-100, 120, (600, 4)).astype(np.float32)
    model = RandomForestClassifier(10, random_state=0).fit(x, (x[:, 0] > x[:, 1]) + (x[:, 2] > 3))
    small, source, _ = quantize_forest(forest_trees(model))
    assert source[0] == 1
    have = small.evaluate(np.clip(x + source[1], -128, 127).astype(np.int8)).astype(float) / 256 + 0.5
    assert np.abs(have - model.predict_proba(x)).max() <= 1.51 / 256


def test_a_tree_that_is_one_leaf() -> None:
    x = np.zeros((4, 2), np.float32)
    trees = forest_trees(DecisionTreeClassifier().fit(x, [3, 3, 3, 5]))
    assert np.array_equal(trees.forest.evaluate(x[:1]), [[0.75, 0.25]])
    small, _, _ = quantize_forest(trees)
    assert np.array_equal(small.evaluate(np.zeros((1, 2), np.int8)), [[64, -64]])


@pytest.mark.parametrize(("load", "warned"), [(load_wine, True), (load_iris, False)])
def test_features_of_unlike_sizes(load: Any, warned: bool, tmp_path: Path) -> None:
    """int8 cannot tell wine's thresholds apart: it says so, and --auto goes back to float32."""
    x, y = load(return_X_y=True)
    np.savez(tmp_path / "data.npz", x=x.astype(np.float32), y=y)
    source = dump(RandomForestClassifier(20, random_state=0).fit(x[::2], y[::2]), tmp_path / "f.pkl")
    data = tmp_path / "data.npz"
    plain = ConvertOptions(calibration=str(data), data=data, trust=True, identity=False)
    result = convert(str(source), None, plain)
    assert result.drop is not None
    assert (result.drop > 5, any("unlike sizes" in note for note in result.notes)) == (warned, warned)
    chosen = convert(str(source), None, replace(plain, auto=True))
    assert chosen.scheme.mode == ("none" if warned else "int8")


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["int8", "none"])
def test_digits_on_the_emulated_board(mode: Any, digits: Digits, tmp_path: Path) -> None:
    x = digits.images.reshape(-1, 64)
    model = RandomForestClassifier(20, random_state=0).fit(x[:TRAINING], digits.labels[:TRAINING])
    out = tmp_path / "forest.tflite"
    options = ConvertOptions(mode, calibration=str(digits.calibration), data=digits.test, trust=True)
    result = convert(str(dump(model, tmp_path / "f.joblib")), out, options)
    assert result.before is not None
    # of classes with as many votes the label counts, as in `tinykit run`; scikit-learn takes the first
    assert 0 <= result.before.value - model.score(x[TRAINING:], digits.labels[TRAINING:]) < 0.01
    assert result.before.value > 0.93
    assert result.drop is not None
    assert abs(result.drop) <= 0.5
    assert result.identity is not None
    engines = {engine.name: engine for engine in result.identity.engines}
    assert engines["compiled"].identical == 100
    assert mode != "none" or engines["scikit-learn"].identical == 100
    for tool in ("arm-none-eabi-gcc", "qemu-system-arm", "make"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    report = run_model(out, "qemu-mps2-an386", RunOptions(data=digits.test, limit=50))
    assert report.accuracy.identical == 50


@pytest.mark.slow
def test_the_command(convert: Convert, tmp_path: Path, digits: Digits) -> None:
    x = digits.images.reshape(-1, 64)
    model = DecisionTreeClassifier(random_state=0).fit(x[:TRAINING], digits.labels[:TRAINING])
    done = convert(dump(model, tmp_path / "t.pkl"), "--trust", "-c", digits.calibration, "-d", digits.test, "--auto")
    assert done.code == 0, done
    assert "500 of 500 decisions are those of scikit-learn" in " ".join(done.out.split())
    assert "scikit-learn" in done.out
    assert (tmp_path / "out.tflite").is_file()
    # what is made of it is no source
    refused(convert("out.tflite", "-q", "none", out="again.tflite"), 2, "decision trees, which were converted already")


@pytest.mark.slow
def test_what_is_refused(convert: Convert, tmp_path: Path, digits: Digits) -> None:
    x = digits.images.reshape(-1, 64)
    tree = dump(DecisionTreeClassifier(max_depth=3).fit(x, digits.labels), tmp_path / "t.pkl")
    given = ["--trust", "-c", digits.calibration]
    refused(convert(tree, *given, "-q", "int16x8"), 2, "int16x8 is not for trees", "int8, none")
    refused(convert(tree, *given, "-t", "linux"), 2, "trees do not run on --target linux")
    refused(convert(tree, *given, "-t", "edgetpu"), 2, "trees do not run on --target edgetpu")
    unfitted = dump(RandomForestClassifier(), tmp_path / "u.pkl")
    refused(convert(unfitted, *given), 2, "u.pkl", "the RandomForestClassifier is not fitted")
    boosted = dump(GradientBoostingClassifier(n_estimators=1).fit(x[:50], digits.labels[:50]), tmp_path / "b.pkl")
    refused(convert(boosted, *given), 2, "cannot convert a GradientBoostingClassifier", "RandomForestClassifier")
    assert not (tmp_path / "out.tflite").exists()


def test_trees_that_are_too_large() -> None:
    rng = np.random.default_rng(0)
    x = rng.random((70000, 1)).astype(np.float32)
    with pytest.raises(UnsupportedModel, match="too large") as caught:
        convert_sklearn(DecisionTreeRegressor().fit(x, rng.random(70000)), "m")
    assert "max_depth" in str(caught.value.hint)
