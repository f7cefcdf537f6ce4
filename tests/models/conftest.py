"""What the tests of recipes share: running one, and what TFLite-Micro makes of its model."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from support.oracle import run_oracle
from tinykit.graph.reader import read_model

MODELS = Path(__file__).resolve().parents[2] / "models"


@dataclass(frozen=True)
class Recipe:
    """A folder of ``models/``."""

    name: str

    @property
    def folder(self) -> Path:
        return MODELS / self.name

    def files(self, folder: Path | None = None) -> tuple[Path, Path]:
        """Model and test set."""
        base = folder or self.folder
        return base / f"{self.name}.tflite", base / f"{self.name}_test.npz"

    def train(self, out: Path, *options: str) -> str:
        """Run the recipe; what it printed."""
        command = [sys.executable, self.folder / "train.py", "--out", out, *options]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def outputs(self, folder: Path | None = None) -> np.ndarray:
        """What TFLite-Micro's reference kernels answer to the test set, in real values: (N, outputs)."""
        model, data = self.files(folder)
        graph = read_model(model)
        source, target = graph.tensor(graph.inputs[0]), graph.tensor(graph.outputs[0])
        x = np.load(data)["x"].reshape(-1, *source.shape)
        raw = run_oracle(model.read_bytes(), [x]).outputs[0].reshape(len(x), -1)
        assert target.quant is not None
        return np.asarray((raw.astype(np.float64) - target.quant.zero_point) * float(target.quant.scale))

    def accuracy(self, folder: Path | None = None) -> float:
        """Share of the test set that TFLite-Micro's reference kernels get right."""
        labels = np.load(self.files(folder)[1])["y"]
        return float(np.mean(self.outputs(folder).argmax(-1) == labels))
