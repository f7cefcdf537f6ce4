"""--engine on the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from .conftest import DIGITS, ROOT, Tinykit

STAND_IN = ROOT / "tests" / "support" / "tflm"


def test_without_tflite_micro_it_is_said_how_to_get_it(tinykit: Tinykit) -> None:
    done = tinykit("run", DIGITS, "--board", "native", "--engine", "tflm", environment={"TINYKIT_TFLM_PATH": ""})
    assert done.code == 3
    assert "git clone" in done.err
    assert "--tflm-path" in done.err


def test_what_the_second_engine_lacks_is_said_before_the_first_is_measured(tinykit: Tinykit, tmp_path: Path) -> None:
    nowhere = {"TINYKIT_TFLM_PATH": ""}
    done = tinykit("run", DIGITS, "--board", "native", "--engine", "aot,tflm", "--out", "out", environment=nowhere)
    assert done.code == 3
    assert "--tflm-path" in done.err
    assert not (tmp_path / "out").exists()


def test_wrong_engines(tinykit: Tinykit) -> None:
    done = tinykit("run", DIGITS, "--board", "native", "--engine", "tvm")
    assert (done.code, "one of aot, tflm" in done.err) == (2, True)
    done = tinykit("build", DIGITS, "--board", "native", "--engine", "aot,tflm", "--out", "fw")
    assert (done.code, "a firmware has one engine" in done.err) == (2, True)


@pytest.mark.slow
def test_two_engines_side_by_side(tinykit: Tinykit, tmp_path: Path) -> None:
    """The stand-in computes nothing, so its outputs differ; figures and files are those of any engine."""
    if shutil.which("c++") is None or shutil.which("make") is None:
        pytest.skip("c++ or make is not installed")
    pytest.importorskip("tflite_micro", reason="the package tflite-micro is not installed")
    done = tinykit(
        "run", DIGITS, "--board", "native", "--limit", 5, "--engine", "aot,tflm", "--tflm-path", STAND_IN,
        "--out", "out", "--json", "both.json",
    )  # fmt: skip
    assert done.code == 1, done.err
    assert "tflm: 5 of 5 outputs differ" in done.err
    assert "digits on native, engines" in done.out
    value = json.loads((tmp_path / "both.json").read_text())
    assert value["engines"] == ["aot", "tflm"]
    assert [report["result"] for report in value["reports"]] == ["pass", "fail"]
    for name in ("comparison.html", "comparison.json", "aot/report.html", "tflm/report.json", "tflm/firmware/tflm"):
        assert (tmp_path / "out" / name).exists(), name
