"""Digits, small models of them, and the command as a user runs it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from support.commands import KERAS, run_tinykit

pytest.importorskip("ai_edge_quantizer", reason="ai-edge-quantizer is not installed")
TRAINING = 1297
BOARD = "qemu-mps2-an386"


@dataclass(frozen=True)
class Files:
    """A folder with train.npz and test.npz: scikit-learn's digits, (N, 8, 8, 1) in 0..1."""

    folder: Path
    x: np.ndarray
    y: np.ndarray

    def recipe(self, text: str, name: str = "r.toml", **fields: str) -> Path:
        """A recipe of these steps; fields replace those it begins with."""
        head = {"source": '"net.keras"', "train": '"train.npz"', "test": '"test.npz"', **fields}
        path = self.folder / name
        path.write_text("\n".join(f"{key} = {value}" for key, value in head.items()) + "\n" + text)
        return path


@pytest.fixture(scope="session")
def digits() -> tuple[np.ndarray, np.ndarray]:
    from sklearn.datasets import load_digits

    data = load_digits()
    order = np.random.default_rng(7).permutation(len(data.target))
    return (data.images[order, :, :, np.newaxis] / 16).astype(np.float32), data.target[order]


@pytest.fixture
def files(tmp_path: Path, digits: tuple[np.ndarray, np.ndarray]) -> Files:
    x, y = digits
    np.savez(tmp_path / "train.npz", x=x[:TRAINING], y=y[:TRAINING])
    np.savez(tmp_path / "test.npz", x=x[-200:], y=y[-200:])
    return Files(tmp_path, x, y)


@pytest.fixture(scope="session")
def keras() -> Any:
    pytest.importorskip("tensorflow", reason="the extra [keras] is not installed")
    return pytest.importorskip("keras", reason="the extra [keras] is not installed")


@pytest.fixture(scope="session")
def net_bytes(keras: Any, digits: tuple[np.ndarray, np.ndarray], tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A trained .keras: a plain, a depthwise and a pointwise convolution, a residual sum, and a Dense layer."""
    keras.utils.set_random_seed(1)
    layers = keras.layers
    image = keras.Input((8, 8, 1))
    x = layers.Conv2D(12, 3, padding="same", use_bias=False, name="stem")(image)
    x = layers.ReLU()(layers.BatchNormalization(momentum=0.8, name="stem_bn")(x))
    y = layers.DepthwiseConv2D(3, padding="same", name="dw")(x)
    y = layers.BatchNormalization(momentum=0.8, name="dw_bn")(y)
    y = layers.Conv2D(12, 1, activation="relu", name="pw")(y)
    x = layers.MaxPooling2D()(layers.Add()([x, y]))
    x = layers.Conv2D(16, 3, strides=2, activation="relu", name="features")(x)
    model = keras.Model(image, layers.Dense(10, activation="softmax", name="classes")(layers.Flatten()(x)), name="net")
    model.compile(keras.optimizers.Adam(5e-3), "sparse_categorical_crossentropy")
    images, labels = digits
    model.fit(images[:TRAINING], labels[:TRAINING], epochs=6, batch_size=64, verbose=0)
    path = tmp_path_factory.mktemp("net") / "net.keras"
    model.save(path)
    return path.read_bytes()


@pytest.fixture
def net(files: Files, net_bytes: bytes) -> Path:
    """The model as a file beside the data."""
    path = files.folder / "net.keras"
    path.write_bytes(net_bytes)
    return path


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


Run = Callable[..., Outcome]


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "tinykit.cli.main", "compress", *map(str, arguments)]


def environment(folder: Path) -> dict[str, str]:
    (folder / "tmp").mkdir(exist_ok=True)
    return {**os.environ, "COLUMNS": "80", "TMPDIR": str(folder / "tmp"), "OMP_NUM_THREADS": "1"}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """``run("r.toml", "--json")``: the command in the folder of the data; writes out.tflite."""

    def carry_out(*arguments: object) -> Outcome:
        done = run_tinykit(
            "compress", *arguments, "-o", "out.tflite", folder=tmp_path, environment=environment(tmp_path), timeout=400,
            imported=KERAS,
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        assert not list((tmp_path / "tmp").iterdir()), "left files behind"
        return Outcome(done.returncode, done.stdout, done.stderr)

    return carry_out
