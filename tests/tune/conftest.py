"""Small networks for digits whose sizes are searched for, and the command as a user runs it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from support.commands import SKLEARN, TINYKIT, run_tinykit

pytest.importorskip("optuna", reason="optuna is not installed")
pytest.importorskip("ai_edge_quantizer", reason="ai-edge-quantizer is not installed")

TRAINING = 1297

# What a user would have. `calls.txt` has a line for each time that the function trained something.
TRAIN = '''
import os
import time
import warnings

import numpy as np
from sklearn.neural_network import MLPClassifier

from tinykit.tune import Candidate

DATA = np.load("train.npz")
EPOCHS = int(os.environ.get("EPOCHS", "8"))


def prepare(side):
    """Digits of 8 by 8 pixels at a lower resolution."""

    def resized(x):
        images = x.reshape(-1, 8, 8)
        if side == 4:
            images = images.reshape(-1, 4, 2, 4, 2).mean(axis=(2, 4))
        if side == 6:
            images = images[:, 1:7, 1:7]
        return images.reshape(len(x), -1)

    return resized


def fitted(x, *hidden):
    network = MLPClassifier(hidden, max_iter=EPOCHS, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        network.fit(x, DATA["y"])
    return network


def model(trial):
    side = trial.suggest_categorical("resolution", [4, 6, 8])
    width = trial.suggest_int("width", 4, 64, log=True)
    depth = trial.suggest_int("depth", 1, 2)
    with open("calls.txt", "a") as log:
        log.write(f"{os.getpid()} {side} {width} {depth}\\n")
    time.sleep(float(os.environ.get("PAUSE", "0")))
    print("training")  # as people's functions do
    ready = prepare(side)
    return Candidate(fitted(ready(DATA["x"]), *[width] * depth), prepare=ready)


def by_hand():
    """What one would take without a search: two layers of 48."""
    return fitted(DATA["x"], 48, 48)


def of_values(width, depth):
    return fitted(DATA["x"], *[width] * depth)


def few(trial):
    return fitted(DATA["x"], trial.suggest_categorical("width", [4, 5, 6]))


def raises(trial):
    raise RuntimeError(f"no {trial.suggest_int('width', 1, 8)} today")


def sometimes(trial):
    if trial.suggest_int("width", 1, 8) == 8 or trial.number == 1:
        raise RuntimeError("not with this")
    return fitted(DATA["x"], trial.params["width"])


def nothing(trial):
    trial.suggest_int("width", 1, 8)


def a_number(trial):
    return trial.suggest_int("width", 1, 8)


def unasked(trial):
    return fitted(DATA["x"], 4)


def unfit(trial):
    return Candidate(fitted(DATA["x"], trial.suggest_int("width", 4, 8)), prepare=lambda x: x[:3])


def huge(trial):
    """No micro:bit has a flash of 256 KB for it."""
    width = trial.suggest_int("width", 4000, 5000)
    return MLPClassifier((width,), max_iter=1).fit(DATA["x"][:256], DATA["y"][:256])
'''


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Tune:
    """The command in a folder with train.py, train.npz and val.npz."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def start(self, *arguments: object, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [TINYKIT, "tune", *(str(a) for a in arguments)],
            cwd=self.folder,
            env={**os.environ, **self.environment, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __call__(self, *arguments: object, timeout: float = 240, **environment: str) -> Outcome:
        done = run_tinykit(
            "tune", *arguments, folder=self.folder, environment={**os.environ, **self.environment, **environment},
            timeout=timeout, imported=SKLEARN,
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        return Outcome(done.returncode, done.stdout, done.stderr)

    def search(self, function: str, *arguments: object, **environment: str) -> Outcome:
        """On this computer, where latency is multiply-accumulates."""
        files = ("--board", "native", "--data", "val.npz", "--calibration", "train.npz", "--limit", 100)
        return self(f"train.py:{function}", *files, *arguments, **environment)

    @property
    def calls(self) -> list[str]:
        path = self.folder / "calls.txt"
        return path.read_text().splitlines() if path.exists() else []


MakeTune = Callable[[], Tune]


@pytest.fixture
def tune(tmp_path: Path) -> Tune:
    return folder_for(tmp_path)


def folder_for(folder: Path) -> Tune:
    """A folder as ``Tune`` needs it."""
    from sklearn.datasets import load_digits

    if shutil.which("cc") is None or shutil.which("make") is None:
        pytest.skip("cc or make is not installed")
    digits = load_digits()
    order = np.random.default_rng(7).permutation(len(digits.target))
    x, y = (digits.data[order] / 16).astype(np.float32), digits.target[order]
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / "train.npz", x=x[:TRAINING], y=y[:TRAINING])
    np.savez(folder / "val.npz", x=x[TRAINING:], y=y[TRAINING:])
    (folder / "train.py").write_text(TRAIN)
    return Tune(folder)
