"""Raspberry Pi firmware in QEMU's user-mode emulation computes what TFLite-Micro does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tinykit.board import load_board
from tinykit.errors import ToolMissing
from tinykit.firmware.from_model import BuildOptions, build_model
from tinykit.hil.run import RunOptions, run_model
from tinykit.resources import data_dir


@pytest.mark.slow
@pytest.mark.parametrize("board", ["qemu-rpi-zero", "qemu-rpi-zero-2", "qemu-rpi3", "qemu-rpi4", "qemu-rpi5"])
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


@pytest.mark.slow
@pytest.mark.parametrize("board", ["coral-dev-board"])
def test_program_and_library_build(board: str, tmp_path: Path) -> None:
    model = data_dir("models") / "digits" / "digits.tflite"
    try:
        images = [
            build_model(model, load_board(board), tmp_path / engine, BuildOptions(engine=engine))
            for engine in ("aot", "library")
        ]
    except ToolMissing as error:
        pytest.skip(str(error))
    for image in images:
        assert image.elf.read_bytes()[18:20] == b"\xb7\0"  # EM_AARCH64 (elf.h)
        assert image.sizes.arena > 0
