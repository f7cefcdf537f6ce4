"""LiteRT beside TFLite-Micro: reported, never a reason to fail."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tinykit.graph.reader import read_model
from tinykit.hil.dataset import generated_dataset
from tinykit.hil.reference import run_litert, run_reference
from tinykit.hil.run import RunOptions, run_model
from tinykit.resources import data_dir

DIGITS = data_dir("models") / "digits"


@pytest.fixture(autouse=True)
def _litert() -> None:
    pytest.importorskip("ai_edge_litert", reason="ai-edge-litert is not installed")


@pytest.mark.slow
def test_it_is_reported_beside_the_reference() -> None:
    report = run_model(DIGITS / "digits.tflite", "native", RunOptions(data=DIGITS / "digits_test.npz", limit=50))
    litert = report.accuracy.litert
    assert litert is not None
    assert litert.name.startswith("ai-edge-litert ")
    assert litert.score == report.accuracy.host
    assert (litert.identical < 50) == any("LiteRT" in n or "litert" in n for n in report.notes)


@pytest.mark.slow
def test_where_it_rounds_otherwise_the_test_still_passes(shared: Path) -> None:
    # its int8 FULLY_CONNECTED is off by one in places, and this model is made of those
    report = run_model(shared / "models/mlperf_tiny/ad01_int8.tflite", "native", RunOptions(limit=10))
    assert report.accuracy.litert is not None
    assert report.accuracy.litert.identical < 10
    assert any("ai-edge-litert" in note for note in report.notes)
    if report.accuracy.identical is not None:
        assert (report.accuracy.identical, report.result) == (10, "pass")


def test_it_is_a_small_difference(shared: Path) -> None:
    model = shared / "models/mlperf_tiny/ad01_int8.tflite"
    graph = read_model(model)
    data = generated_dataset(graph, 5)
    litert, micro = run_litert(model, data), run_reference(model, data)
    if micro is None:
        pytest.skip("tflite-micro is not installed")
    assert litert is not None
    difference = litert.outputs[0].astype(int) - micro.outputs[0].astype(int)
    assert 0 < np.abs(difference).max() <= 2
