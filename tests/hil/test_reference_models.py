"""The MLPerf Tiny reference models on every board: identical to TFLite-Micro, or refused because they do not fit."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.probe import need_tools
from tinykit.errors import DoesNotFit, ToolMissing
from tinykit.hil.report import Report
from tinykit.hil.run import RunOptions, run_model

BOARDS = (
    "native",
    "qemu-mps2-an385",
    "qemu-mps2-an386",
    "qemu-mps2-an500",
    "qemu-mps3-an547",
    "qemu-riscv32",
    "qemu-lx106",
    "qemu-netduinoplus2",
    "qemu-b-l475e",
    "qemu-microbit",
)
INT8_MODELS = ("ad01_int8", "kws_ref_model", "str_ww_ref_model", "pretrainedResnet_quant", "vww_96_int8")
FLOAT_MODELS = ("pretrainedResnet", "vww_96_float")
SLOWLY = {"qemu-lx106": 5, "qemu-netduinoplus2": 5}
"""Boards with fewer samples: what they have in common with others has been shown there."""
RP2040JS_MODELS = ("ad01_int8", "kws_ref_model", "str_ww_ref_model")
"""An inference of the other two takes the emulator ten seconds and more."""
FITS_MICROBIT = {"str_ww_ref_model", "kws_ref_model"}


def run(shared: Path, model: str, board: str, options: RunOptions | None = None) -> Report:
    try:
        return run_model(shared / "models" / "mlperf_tiny" / f"{model}.tflite", board, options or RunOptions())
    except ToolMissing as error:
        pytest.skip(str(error))


@pytest.mark.slow
@pytest.mark.parametrize("model", INT8_MODELS)
@pytest.mark.parametrize("board", BOARDS)
def test_int8_models_are_identical(shared: Path, model: str, board: str) -> None:
    if board == "qemu-microbit" and model not in FITS_MICROBIT:
        with pytest.raises(DoesNotFit, match=r"\d+ bytes"):
            run(shared, model, board)
        return
    samples = SLOWLY.get(board, 20)
    report = run(shared, model, board, RunOptions(limit=samples))
    assert report.accuracy.identical == report.accuracy.n == samples, report.accuracy.examples


@pytest.mark.slow
@pytest.mark.parametrize("model", RP2040JS_MODELS)
def test_int8_models_are_identical_on_an_emulated_pico(shared: Path, model: str) -> None:
    need_tools("rp2040js-pico")
    report = run(shared, model, "rp2040js-pico", RunOptions(limit=3))
    assert report.accuracy.identical == report.accuracy.n == 3, report.accuracy.examples
    assert report.latency.unit == "instructions"


@pytest.mark.slow
def test_keyword_spotting_accuracy_on_an_emulated_pico(shared: Path) -> None:
    need_tools("rp2040js-pico")
    options = RunOptions(data=shared / "datasets" / "kws01.npz", limit=10)
    report = run(shared, "kws_ref_model", "rp2040js-pico", options)
    assert report.accuracy.identical == report.accuracy.n == 10, report.accuracy.examples
    assert report.accuracy.device == 1  # of these ten


@pytest.mark.slow
@pytest.mark.parametrize("model", FLOAT_MODELS)
@pytest.mark.parametrize("board", ["native", "qemu-mps2-an386"])
def test_float_models_are_within_1e_5(shared: Path, model: str, board: str) -> None:
    samples = 20 if board == "native" else 5  # 50 to 500 instructions for each multiplication there
    report = run(shared, model, board, RunOptions(limit=samples))
    assert report.accuracy.tolerance == 1e-5
    assert report.accuracy.identical == report.accuracy.n == samples, report.accuracy.examples


@pytest.mark.slow
def test_keyword_spotting_accuracy_on_cortex_m4(shared: Path) -> None:
    options = RunOptions(data=shared / "datasets" / "kws01.npz")
    report = run(shared, "kws_ref_model", "qemu-mps2-an386", options)
    assert report.accuracy.device == pytest.approx(0.902)
    assert report.accuracy.identical == report.accuracy.n == 1000
    assert report.latency.unit == "instructions"
