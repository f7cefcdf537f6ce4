"""A model that int8 ruins is rescued, within a floor, and the layer at fault is named."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinykit.convert import ConvertOptions, convert
from tinykit.convert.writer import ModelWriter
from tinykit.errors import CheckFailed, InputError

from .conftest import Digits


def busiest(mlp: Any, digits: Digits) -> int:
    """The hidden channel that says most."""
    hidden = np.maximum(digits.images[:300].reshape(-1, 64) @ mlp.coefs_[0] + mlp.intercepts_[0], 0)
    return int(hidden.mean(0).argmax())


@pytest.fixture(scope="module")
def hard(mlp: Any, digits: Digits) -> Path:
    """The MLP with one hidden channel 300 times as large, and its weights after that 300 times as small."""
    import joblib

    model, channel = copy.deepcopy(mlp), busiest(mlp, digits)
    model.coefs_[0][:, channel] *= 300
    model.intercepts_[0][channel] *= 300
    model.coefs_[1][channel] /= 300
    path = digits.folder / "hard.joblib"
    joblib.dump(model, path)
    return path


@pytest.fixture(scope="module")
def harder(mlp: Any, digits: Digits) -> Path:
    """The same, with a layer beside the classifier that reads the hidden channels: they cannot be equalized."""
    first, second = (w.T.astype(np.float32).copy() for w in mlp.coefs_)
    bias = mlp.intercepts_[0].astype(np.float32).copy()
    channel = busiest(mlp, digits)
    first[channel] *= 300
    bias[channel] *= 300
    second[:, channel] /= 300
    writer = ModelWriter("harder")
    x = writer.tensor("x", (1, 64))
    same = writer.dense("same", x, np.eye(64, dtype=np.float32), np.zeros(64, np.float32), relu=True)
    hidden = writer.dense("hidden", same, first, bias, relu=True)
    classes = writer.softmax("classes", writer.dense("logits", hidden, second, mlp.intercepts_[1], relu=False), 10)
    other = writer.dense("energy", hidden, np.full((1, 32), 1e-3, np.float32), np.zeros(1, np.float32), relu=False)
    path = digits.folder / "harder.tflite"
    path.write_bytes(writer.finish([x], [classes, other]))
    return path


def options(digits: Digits, **more: Any) -> ConvertOptions:
    chosen: dict[str, Any] = {"max_accuracy_drop": 0.5, "trust": True, "identity": False, **more}
    return ConvertOptions(calibration=str(digits.calibration), data=digits.test, **chosen)


@pytest.mark.slow
def test_plain_int8_falls_below_the_floor(hard: Path, mlp: Any, digits: Digits, tmp_path: Path) -> None:
    with pytest.raises(CheckFailed, match="accuracy falls by") as caught:
        convert(str(hard), tmp_path / "out.tflite", options(digits))
    assert "layer0/dense" in str(caught.value.why)
    assert f"channel {busiest(mlp, digits)} is" in str(caught.value.why)
    assert "--auto" in str(caught.value.hint)
    assert not list(tmp_path.iterdir())


def test_auto_rescues_it_at_no_cost(hard: Path, digits: Digits, tmp_path: Path) -> None:
    result = convert(str(hard), tmp_path / "out.tflite", options(digits, auto=True))
    plain = result.trials[0]
    assert plain.label == "int8"
    assert plain.drop is not None
    assert plain.drop > 2
    assert result.scheme.equalized
    assert result.drop is not None
    assert result.drop <= 0.5
    assert plain.bytes is not None
    assert result.bytes <= plain.bytes * 1.02
    assert result.culprits[0].name == "layer0/dense"
    assert (tmp_path / "out.tflite").read_bytes() == result.tflite


def test_auto_takes_more_precision_where_it_must(harder: Path, digits: Digits) -> None:
    result = convert(str(harder), None, options(digits, auto=True))
    assert not all(trial.holds for trial in result.trials)
    assert result.drop is not None
    assert result.drop <= 0.5
    assert result.culprits[0].name == "hidden"
    assert "hidden" in result.scheme.in_int16 + result.scheme.in_float
    assert result.bytes < result.float_bytes


def test_auto_never_gives_the_edge_tpu_what_it_cannot_run(harder: Path, digits: Digits, tmp_path: Path) -> None:
    with pytest.raises(CheckFailed, match="accuracy falls by"):
        convert(str(harder), tmp_path / "out.tflite", options(digits, auto=True, target="edgetpu"))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda o: ConvertOptions(auto=True, data=o.data), "needs --data and --calibration"),
        (lambda o: ConvertOptions(auto=True, calibration=o.calibration), "needs --data and --calibration"),
    ],
)
def test_what_auto_needs(
    change: Callable[[ConvertOptions], ConvertOptions], words: str, hard: Path, digits: Digits
) -> None:
    with pytest.raises(InputError, match=words):
        convert(str(hard), None, change(options(digits)))
