"""hil run builds as run does: engine, patches, builder."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.benches import bench_file
from tinykit.hil.history import Wanted, open_history

from .test_engines import DIGITS, STAND_IN


def result(tinykit: Callable[..., Any], folder: Path, *arguments: object) -> tuple[int, dict[str, Any]]:
    """Exit code and the only cell."""
    bench = bench_file(folder, {"a": "native"})
    done = tinykit("hil", "run", "--bench", bench, "--models", DIGITS, "--limit", 3, "--json", "-", *arguments)
    (cell,) = json.loads(done.out)["cells"]
    return done.code, cell


@pytest.mark.slow
def test_a_stage_is_computed_in_patches(tinykit: Callable[..., Any], tmp_path: Path) -> None:
    code, cell = result(tinykit, tmp_path, "--patches", 2)
    assert (code, cell["report"]["patches"]["count"]) == (0, 2)
    assert cell["report"]["accuracy"]["identical"] == 3


@pytest.mark.slow
def test_another_engine_is_built(tinykit: Callable[..., Any], tmp_path: Path) -> None:
    """With the stand-in for TFLite-Micro, whose outputs are wrong."""
    history = tmp_path / "h.db"
    code, cell = result(tinykit, tmp_path, "--engine", "tflm", "--tflm-path", STAND_IN, "--history", history)
    assert (code, cell["status"], cell["report"]["engine"]) == (1, "fail", "tflm")
    with open_history(str(history), write=False) as opened:
        assert [run.engine for run in opened.runs(Wanted())] == ["tflm"]


def test_a_builder_that_is_not_the_boards_is_the_places_error(tinykit: Callable[..., Any], tmp_path: Path) -> None:
    code, cell = result(tinykit, tmp_path, "--builder", "linux")
    assert (code, cell["error"]["kind"]) == (2, "BoardError")
    assert "does not build for native" in cell["error"]["what"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--engine", "aot,tflm"), "one engine"),
        (("--engine", "x"), "unknown engine"),
        (("--builder", "x"), "unknown builder"),
        (("--patches", "0"), "patches"),
    ],
)
def test_what_cannot_be_is_refused(
    tinykit: Callable[..., Any], tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    bench = bench_file(tmp_path, {"a": "native"})
    done = tinykit("hil", "run", "--bench", bench, "--models", DIGITS, *options)
    assert done.code == 2
    assert words in done.err
