"""Digits, models trained on them, and the command as a user runs it."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from support.commands import SKLEARN, run_tinykit

pytest.importorskip("ai_edge_quantizer", reason="ai-edge-quantizer is not installed")
TRAINING = 1297


@dataclass(frozen=True)
class Digits:
    """scikit-learn's digits: images (N, 8, 8, 1) in 0..1, labels; the last 500 are for tests. Files have them flat."""

    images: np.ndarray
    labels: np.ndarray
    folder: Path

    @property
    def calibration(self) -> Path:
        return self.folder / "calibration.npz"

    @property
    def test(self) -> Path:
        return self.folder / "test.npz"


@pytest.fixture(scope="session")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Digits:
    from sklearn.datasets import load_digits

    data = load_digits()
    order = np.random.default_rng(7).permutation(len(data.target))
    images = (data.images[order, :, :, np.newaxis] / 16).astype(np.float32)
    found = Digits(images, data.target[order], tmp_path_factory.mktemp("digits"))
    np.savez(found.calibration, x=images[:300].reshape(-1, 64))
    np.savez(found.test, x=images[TRAINING:].reshape(-1, 64), y=found.labels[TRAINING:])
    return found


@pytest.fixture(scope="session")
def mlp(digits: Digits) -> Any:
    """A fitted MLPClassifier, 64-32-10."""
    from sklearn.neural_network import MLPClassifier

    model = MLPClassifier((32,), max_iter=60, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it has not converged, and need not
        model.fit(digits.images[:TRAINING].reshape(-1, 64), digits.labels[:TRAINING])
    return model


@pytest.fixture(scope="session")
def mlp_file(mlp: Any, digits: Digits) -> Path:
    import joblib

    path = digits.folder / "mlp.joblib"
    joblib.dump(mlp, path)
    return path


@pytest.fixture(scope="session")
def float_mlp(mlp: Any) -> bytes:
    """The MLP as a normalized float .tflite."""
    from tinykit.convert.normalize import normalize
    from tinykit.convert.sklearn import convert_sklearn

    return normalize(convert_sklearn(mlp, "mlp").tflite, "mlp")


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


Convert = Callable[..., Outcome]


@pytest.fixture
def convert(tmp_path: Path) -> Convert:
    """``convert(source, "-q", "int8")``: the command in an empty folder, in 80 columns; writes ``out``."""
    (tmp_path / "tmp").mkdir()

    def run(*arguments: object, environment: dict[str, str] | None = None, out: str = "out.tflite") -> Outcome:
        variables = {**os.environ, "COLUMNS": "80", "TMPDIR": str(tmp_path / "tmp"), **(environment or {})}
        done = run_tinykit(
            "convert", *arguments, "-o", out, folder=tmp_path, environment=variables, timeout=300,
            imported=SKLEARN,
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        assert not list((tmp_path / "tmp").iterdir()) or done.returncode == 0, "left files behind"
        return Outcome(done.returncode, done.stdout, done.stderr)

    return run


def refused(outcome: Outcome, code: int, *words: str) -> None:
    """An error of ours that contains the words, whatever its line breaks."""
    assert outcome.code == code, outcome
    assert outcome.err.count("error: ") == 1, outcome.err
    text = " ".join(outcome.err.split())
    for word in words:
        assert word in text, outcome.err
