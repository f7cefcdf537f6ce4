"""--patches on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import DIGITS, Tinykit


def test_compile_says_what_patches_cost(tinykit: Tinykit, tmp_path: Path) -> None:
    value = json.loads(tinykit("compile", DIGITS, "--out", "c", "--patches", 2, "--json").out)
    patches = value["patches"]
    assert (patches["count"], patches["arena"]) == (2, value["arena"])
    assert patches["macs"] >= patches["macs_whole"]
    assert "patches        2 from" in (tmp_path / "c" / "model.h").read_text()
    manifest = json.loads((tmp_path / "c" / "manifest.json").read_text())
    assert manifest["patches"] == patches
    again = tinykit("compile", DIGITS, "--out", "d", "--patches", 2)
    assert "2 patches from" in again.out
    assert "more MACs" in again.out
    assert (tmp_path / "c" / "model.c").read_bytes() == (tmp_path / "d" / "model.c").read_bytes()


def test_inspect_shows_layers_with_all_of_their_patches(tinykit: Tinykit) -> None:
    arguments = ("inspect", DIGITS, "--board", "qemu-mps2-an386", "--json")
    whole, patched = (json.loads(tinykit(*arguments, "--patches", text).out) for text in ("off", "3"))
    assert whole["patches"] is None
    assert patched["patches"]["count"] == 3
    assert [layer["label"] for layer in patched["layers"]] == [layer["label"] for layer in whole["layers"]]
    assert sum(layer["macs"] for layer in patched["layers"]) == patched["patches"]["macs"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("0", "there cannot be 0 patches"),
        ("many", "--patches 'many' is no number"),
        ("99", "no stage of the model can be computed in 99 patches"),
    ],
)
def test_refused(tinykit: Tinykit, tmp_path: Path, text: str, why: str) -> None:
    outcome = tinykit("compile", DIGITS, "--out", "c", "--patches", text)
    assert outcome.code == 2
    assert why in outcome.err
    assert "try:" in outcome.err
    assert not (tmp_path / "c").exists()


@pytest.mark.slow
def test_run_times_layers_with_all_of_their_patches(tinykit: Tinykit, tmp_path: Path) -> None:
    outcome = tinykit(
        "run", DIGITS, "--board", "native", "--limit", 3, "--patches", 2, "--json", "r.json", "--out", "o"
    )
    assert outcome.code == 0
    assert "2 patches from" in outcome.out
    report = json.loads((tmp_path / "r.json").read_text())
    assert report["accuracy"]["identical"] == 3
    assert [layer["label"] for layer in report["latency"]["layers"]][:2] == ["CONV_2D 0", "DEPTHWISE_CONV_2D 1"]
    assert report["patches"]["macs"] == report["model"]["macs"]
    assert "Patches" in (tmp_path / "o" / "report.html").read_text()
