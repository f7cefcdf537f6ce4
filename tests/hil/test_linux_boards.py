"""Raspberry Pi firmware in QEMU's user-mode emulation computes what TFLite-Micro does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tinykit.errors import ToolMissing
from tinykit.hil.run import RunOptions, run_model


@pytest.mark.slow
@pytest.mark.parametrize("board", ["qemu-rpi-zero", "qemu-rpi3", "qemu-rpi4", "qemu-rpi5"])
def test_keyword_spotting_is_identical(shared: Path, board: str) -> None:
    model = shared / "models" / "mlperf_tiny" / "kws_ref_model.tflite"
    try:
        report = run_model(model, board, RunOptions(data=shared / "datasets" / "kws01.npz", limit=50))
    except ToolMissing as error:
        pytest.skip(str(error))
    if report.accuracy.identical is None:
        pytest.skip("tflite-micro is not installed: nothing to compare with")
    assert (report.accuracy.identical, report.result) == (50, "pass")
    assert "not the board's" in report.latency.source
