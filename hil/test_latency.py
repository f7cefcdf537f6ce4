"""Latency is repeatable, its parts add up, and it keeps the limit that was given."""

from __future__ import annotations

import pytest

from tinykit.hil.bench_board import BenchBoard


def test_emulated_counts_repeat(tinykit_board: BenchBoard) -> None:
    if tinykit_board.report().latency.unit != "instructions":
        pytest.skip("a clock, not a count: it varies from run to run")
    # one tick of the counter may fall on either side of the start
    assert tinykit_board.measure_latency(percent=100) - tinykit_board.measure_latency(percent=0) <= 2


def test_layers_add_up(tinykit_board: BenchBoard) -> None:
    latency = tinykit_board.report().latency
    if latency.unit != "instructions":
        pytest.skip("a clock, not a count: it varies from run to run")
    assert sum(layer.value for layer in latency.layers) == pytest.approx(latency.p50, rel=0.02)


def test_latency_limit(tinykit_board: BenchBoard, request: pytest.FixtureRequest) -> None:
    limit = request.config.getoption("--tinykit-max-latency")
    if limit is None:
        pytest.skip("no limit given: use --tinykit-max-latency")
    assert tinykit_board.report().latency.p99 <= limit
