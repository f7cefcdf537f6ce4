"""What runs on the board is what the host's TFLite-Micro computes."""

from __future__ import annotations

import pytest

from tinykit.hil.bench_board import BenchBoard


def test_outputs_are_identical(tinykit_board: BenchBoard) -> None:
    accuracy = tinykit_board.report().accuracy
    if accuracy.identical is None:
        pytest.skip("tflite-micro is not installed: nothing to compare with")
    assert accuracy.mismatches == 0, accuracy.examples


def test_the_same_sample_gives_the_same_output(tinykit_board: BenchBoard) -> None:
    sample = tinykit_board.data.sample(0)
    first = tinykit_board.infer(*sample)
    assert (tinykit_board.infer(*sample) == first).all()


def test_accuracy_is_kept(tinykit_board: BenchBoard, request: pytest.FixtureRequest) -> None:
    accuracy = tinykit_board.report().accuracy
    if accuracy.device is None:
        pytest.skip("no labels: use --tinykit-data FILE")
    if accuracy.host is not None:
        assert accuracy.device == pytest.approx(accuracy.host, rel=1e-6)
    floor = request.config.getoption("--tinykit-min-accuracy")
    assert floor is None or accuracy.device >= floor
