"""Float samples become integers as in TFLite-Micro's own QUANTIZE operator."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from support.oracle import run_oracle
from support.tflite_builder import ModelBuilder
from tinykit.graph.reader import read_model
from tinykit.graph.types import Graph, Tensor
from tinykit.hil.dataset import load_dataset, quantize

from .conftest import DIGITS, DIGITS_DATA


def quantized_tensor(folder: Path, dtype: str, scale: float, zero_point: int, n: int) -> tuple[bytes, Tensor]:
    """A model that quantizes ``n`` floats, and its output."""
    model = ModelBuilder()
    x = model.input((n,), "float32")
    model.op("QUANTIZE", [x], [model.output((n,), dtype, scale=scale, zero_point=zero_point)])
    data = model.build()
    (folder / "model.tflite").write_bytes(data)
    graph = read_model(folder / "model.tflite")
    return data, graph.tensor(graph.outputs[0])


@pytest.mark.parametrize(
    ("dtype", "scale", "zero_point"),
    [("int8", 1.0, 0), ("int8", 0.5847029089927673, 83), ("int8", 1 / 256, -128), ("int16", 3.1e-5, 0)],
)
def test_like_tflite_micro(tmp_path: Path, dtype: str, scale: float, zero_point: int) -> None:
    rng = np.random.default_rng(5)
    reach = 300 if dtype == "int8" else 70_000
    halves = np.concatenate([rng.integers(-reach, reach, 3000) / 2, np.arange(-40, 40) / 2])
    steps = np.concatenate([halves, halves + 1e-6, halves - 1e-6, rng.uniform(-reach, reach, 3000)])
    values = (steps * np.float32(scale)).astype(np.float32)
    # the neighbours of each tie: 0.49999997 plus a half is 1 in single precision, and must not become 1
    values = np.concatenate([values, np.nextafter(values, np.float32(0)), np.nextafter(values, np.float32(np.inf))])
    model, tensor = quantized_tensor(tmp_path, dtype, scale, zero_point, len(values))
    (expected,) = run_oracle(model, [values[np.newaxis]]).outputs
    assert (quantize(values, tensor) == expected[0]).all()


def test_out_of_range_is_clamped(tmp_path: Path) -> None:
    _, tensor = quantized_tensor(tmp_path, "int8", 0.1, 3, 4)
    got = quantize(np.array([1e30, -1e30, 1e300, -1e300]), tensor)
    assert got.tolist() == [127, -128, 127, -128]


def test_float_file_gives_the_integers_that_it_came_from(digits: Graph, tmp_path: Path) -> None:
    tensor = read_model(DIGITS).tensor(digits.inputs[0])
    assert tensor.quant is not None
    stored = np.load(DIGITS_DATA)["x"]
    real = (stored.astype(np.float64) - tensor.quant.zero_point) * float(tensor.quant.scale)
    for dtype in (np.float32, np.float64, ">f4"):
        np.savez(tmp_path / "float.npz", x=real.astype(dtype))
        data = load_dataset(tmp_path / "float.npz", digits)
        assert data.inputs[0].dtype == np.int8
        assert (data.inputs[0].ravel() == stored.ravel()).all()
