"""A kernel of a built firmware that is made slower or wrong: the baseline turns red, and names the layer."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tinykit.board import load_board
from tinykit.firmware.from_model import build_model
from tinykit.hil.report import Report
from tinykit.hil.run import RunOptions, run_project

from .conftest import DIGITS, DIGITS_DATA

KERNEL = "tk_conv2d_dsp_s8"
LAYER = "CONV_2D 4"
"""The only layer of the digits model with an image that this kernel computes; the dense one is another."""
THERE = "if (p->out_h > 1) "

Mended = Callable[[str], str]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Report]:
    """A firmware of an emulated Cortex-M4, and the report of a test that is the baseline."""
    for tool in ("make", "arm-none-eabi-gcc", "qemu-system-arm"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    folder = tmp_path_factory.mktemp("regression")
    build_model(DIGITS, load_board("qemu-mps2-an386"), folder / "firmware")
    report = run_project(folder / "firmware", RunOptions(data=DIGITS_DATA, limit=20), out_dir=folder / "before")
    assert report.result == "pass"
    assert [layer.label for layer in report.latency.layers if layer.kernel == KERNEL] == [LAYER, "FULLY_CONNECTED 7"]
    return folder, report


def retest(built: tuple[Path, Report], tmp_path: Path, change: Mended, options: RunOptions) -> Report:
    """The report of the firmware with its kernel's source changed, built again by make as a user would."""
    folder, _ = built
    project = tmp_path / "firmware"
    shutil.copytree(folder / "firmware", project)
    source = project / "src" / "kernels" / f"{KERNEL}.c"
    text = source.read_text()
    assert change(text) != text
    source.write_text(change(text))
    subprocess.run(["make", "-s"], cwd=project, check=True, capture_output=True, timeout=120)
    return run_project(
        project, replace(options, data=DIGITS_DATA, limit=20, baseline=folder / "before" / "report.json")
    )


def at_begin(statement: str) -> Mended:
    """A statement before all others of the kernel."""
    return lambda text: re.sub(rf"(\nvoid {KERNEL}_run\([^)]*\)\n{{\n)", rf"\g<1>    {statement}\n", text)


def at_end(statement: str) -> Mended:
    return lambda text: re.sub(r"\n}\n*\Z", f"\n    {statement}\n}}\n", text)


def slowed(instructions: float) -> Mended:
    """By a loop over a volatile variable: 6 instructions a turn on an M4 (load, add, store, load, compare, branch)."""
    return at_begin(f"{THERE}for (volatile unsigned turn = 0; turn < {round(instructions / 6)}u; turn++) {{ }}")


@pytest.mark.slow
def test_a_kernel_that_became_8_percent_slower_is_named(built: tuple[Path, Report], tmp_path: Path) -> None:
    before = next(layer.value for layer in built[1].latency.layers if layer.label == LAYER)
    report = retest(built, tmp_path, slowed(0.08 * before), RunOptions(max_regress=2.0))
    assert report.result == "fail"
    assert report.accuracy.mismatches == 0
    assert report.baseline is not None
    (regression,) = [text for text in report.baseline["regressions"] if "latency" in text]
    found = re.search(rf"most of it in {LAYER} \(\+[\d,]+, ([\d.]+) %\)$", regression)
    assert found, regression
    assert float(found[1]) == pytest.approx(8.0, abs=0.5)
    # the others are as they were, to the resolution of the counter
    assert all(
        now.value == pytest.approx(old.value, abs=40)
        for now, old in zip(report.latency.layers, built[1].latency.layers, strict=True)
        if now.label != LAYER
    )


@pytest.mark.slow
@pytest.mark.parametrize("reference", [True, False])
def test_a_kernel_with_a_flipped_output_bit_is_named(
    built: tuple[Path, Report], tmp_path: Path, reference: bool
) -> None:
    options = RunOptions(max_regress=10.0, reference=reference)
    report = retest(built, tmp_path, at_end(f"{THERE}out[-1] ^= 0x40;"), options)
    assert report.result == "fail"
    assert report.baseline is not None
    assert report.baseline["regressions"] == [
        f"outputs are not those of the baseline; the first layer that differs is {LAYER}"
    ]
    # without TFLite-Micro on this computer nothing else would have told
    assert report.accuracy.mismatches == (None if not reference else report.accuracy.n - report.accuracy.identical)
    assert bool(report.accuracy.mismatches) == reference


@pytest.mark.slow
def test_a_kernel_that_is_only_written_otherwise_passes(built: tuple[Path, Report], tmp_path: Path) -> None:
    report = retest(built, tmp_path, at_end("(void)in;"), RunOptions(max_regress=0.0))
    assert report.failures == ()
    assert any("changed since it got its build id" in note for note in report.notes)
