"""scikit-learn estimators whose scalers or weights are unlike."""

from __future__ import annotations

import pickle
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from support.slow import rest_slow
from tinykit.convert import ConvertOptions, convert
from tinykit.convert.analysis import analyze
from tinykit.convert.interpreter import run_all
from tinykit.convert.quantize import Scheme, quantize
from tinykit.convert.sklearn import convert_sklearn
from tinykit.convert.statistics import collect
from tinykit.convert.writer import ModelWriter
from tinykit.errors import InputError, UnsupportedModel
from tinykit.graph.reader import parse_model

from .conftest import TRAINING, Digits


def fitted(digits: Digits, *scalers: Any) -> Any:
    model = make_pipeline(*scalers, MLPClassifier((32, 16), max_iter=60, random_state=0))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it has not converged, and need not
        return model.fit(digits.images[:TRAINING].reshape(-1, 64), digits.labels[:TRAINING])


@pytest.mark.slow
@pytest.mark.parametrize("scalers", rest_slow([(StandardScaler(),), (MinMaxScaler(), StandardScaler())]))
def test_standardized_features_that_hardly_vary(scalers: tuple[Any, ...], digits: Digits, tmp_path: Path) -> None:
    model = fitted(digits, *scalers)
    path = tmp_path / "m.joblib"
    path.write_bytes(pickle.dumps(model))
    images = digits.images.reshape(-1, 64)
    np.savez(tmp_path / "train.npz", x=images[:TRAINING])
    options = ConvertOptions(
        calibration=str(tmp_path / "train.npz"), data=digits.test, trust=True, max_accuracy_drop=0.5
    )
    result = convert(str(path), None, options)
    assert result.before is not None
    assert result.before.value == pytest.approx(model.score(images[TRAINING:], digits.labels[TRAINING:]), abs=1e-9)
    assert result.identity is not None
    assert result.identity.engines[-1].identical == result.identity.samples

    float_model = convert_sklearn(model, "m").tflite
    graph = parse_model(float_model, name="m", where="m")
    assert [op.kind for op in graph.ops][:2] == ["MUL", "FULLY_CONNECTED"]
    found = run_all(float_model, [images[TRAINING:, np.newaxis]], "m")[0][:, 0]
    np.testing.assert_allclose(found, model.predict_proba(images[TRAINING:]), atol=1e-4)


def test_features_that_are_alike_need_no_more_operators(digits: Digits) -> None:
    graph = parse_model(convert_sklearn(fitted(digits, MinMaxScaler()), "m").tflite, name="m", where="m")
    assert [op.kind for op in graph.ops] == ["FULLY_CONNECTED"] * 3 + ["SOFTMAX"]


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e39])
def test_weights_that_are_not_finite(bad: float) -> None:
    x, y = np.random.default_rng(0).normal(size=(50, 4)), np.arange(50) % 3
    for model in (LogisticRegression().fit(x, y), make_pipeline(StandardScaler(), LinearRegression()).fit(x, y)):
        final = model[-1] if hasattr(model, "steps") else model
        final.coef_.flat[1] = bad
        with pytest.raises(InputError, match="not finite"):
            convert_sklearn(model, "m")


def test_a_forest_of_several_targets() -> None:
    x = np.random.default_rng(0).normal(size=(60, 4))
    y = np.stack([np.arange(60) % 5, np.arange(60) % 2], axis=1)
    for targets in (y, y % 2):  # with unlike and with like numbers of classes
        with pytest.raises(UnsupportedModel, match="predicts 2 targets at once"):
            convert_sklearn(RandomForestClassifier(3, random_state=0).fit(x, targets), "m")


def test_uneven_weights_are_named() -> None:
    """Where no scaler says how far features reach, the report says which one takes the weights' range."""
    rng = np.random.default_rng(1)
    weights = rng.normal(size=(8, 16)).astype(np.float32)
    weights[:, 5] *= 2000
    x = rng.uniform(-1, 1, size=(100, 1, 16)).astype(np.float32)
    x[:, 0, 5] = 0
    writer = ModelWriter("uneven")
    source = writer.tensor("input", (1, 16))
    model = writer.finish([source], [writer.dense("dense", source, weights, np.zeros(8), relu=False)])
    ranges = collect(model, [x], "m")
    (layer,) = analyze(model, quantize(model, Scheme("int8"), ranges, "m"), [x], ranges, "m")
    assert "weights of its input 5 are" in layer.why
