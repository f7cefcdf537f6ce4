"""Baselines that cannot be compared with are refused, before anything is built where that can be known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tinykit.errors import InputError
from tinykit.hil.baseline import compare_with_baseline, load_baseline
from tinykit.hil.report import Report
from tinykit.hil.report.failure import failure_text
from tinykit.hil.report.write import to_json_text
from tinykit.hil.run import RunOptions, run_model

from .conftest import DIGITS, DIGITS_DATA


def changed(report: Report, folder: Path, key: str, value: Any) -> Path:
    """The report's file with one value replaced."""
    values = json.loads(to_json_text(report))
    part, *path = values, *key.split(".")
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = value
    (folder / "old.json").write_text(json.dumps(values))
    return folder / "old.json"


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("model.name", "kws", "another model"),
        ("board", "qemu-mps2-an386", "another board"),
        ("engine", "tflm", "another engine"),
        ("latency.unit", "instructions", "another unit of latency"),
        ("latency.source", "counted by the emulator (native)", "another source of latency"),
        ("accuracy.metric", "mse", "another metric"),
        ("accuracy.metric", None, "another metric"),
        ("accuracy.data_sha256", "0" * 64, "another test data"),
        ("accuracy.data_sha256", None, "another test data"),
        ("accuracy.n", 99, "another number of samples"),
    ],
)
def test_only_like_is_compared(native_report: Report, tmp_path: Path, key: str, value: Any, words: str) -> None:
    baseline = load_baseline(changed(native_report, tmp_path, key, value))
    with pytest.raises(InputError, match=words) as caught:
        compare_with_baseline(native_report, baseline, 5.0)
    assert repr(value) in str(caught.value)
    assert "old.json" in str(caught.value)


def test_other_files_of_the_same_model_may_be_compared(native_report: Report, tmp_path: Path) -> None:
    baseline = load_baseline(changed(native_report, tmp_path, "model.sha256", "0" * 64))
    assert compare_with_baseline(native_report, baseline, 5.0).result == "pass"


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("schema", 2, "schema"),
        ("schema", None, "schema"),
        ("board", 3, "board"),
        ("latency.p50", "fast", "latency.p50"),
        ("latency.p50", None, "latency.p50"),
        ("latency.p50", float("nan"), "latency.p50"),
        ("latency.layers", [{"label": "CONV_2D 0"}], "latency.layers.0.value"),
        ("latency.layers", None, "latency.layers"),
        ("memory.arena", -4, "memory.arena"),
        ("memory.arena", 10**400, "memory.arena"),
        ("memory", [], "memory"),
        ("accuracy", {}, "accuracy.metric"),
        ("build", {"id": None}, "build.id"),
    ],
)
def test_values_that_no_report_has(native_report: Report, tmp_path: Path, key: str, value: Any, words: str) -> None:
    with pytest.raises(InputError, match=f"not a report of tinykit\n  why: {words}") as caught:
        load_baseline(changed(native_report, tmp_path, key, value))
    assert caught.value.hint


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b'"report"', b"{}", b"\xff\xfe", b"[" * 100_000, b'{"result": "pass", "result": 1}'],
)
def test_files_that_are_no_report(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "old.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match="the baseline is not a report of tinykit"):
        load_baseline(path)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        load_baseline(tmp_path / "none.json")


def test_a_test_that_was_not_finished(tmp_path: Path) -> None:
    (tmp_path / "old.json").write_text(failure_text(InputError("no such board")))
    with pytest.raises(InputError, match="of a test that was not finished"):
        load_baseline(tmp_path / "old.json")


@pytest.mark.parametrize(
    ("key", "value"), [("accuracy.n", 3), ("board", "x"), ("latency.unit", "cycles"), ("schema", 7)]
)
def test_refused_before_the_build(native_report: Report, tmp_path: Path, key: str, value: Any) -> None:
    options = RunOptions(data=DIGITS_DATA, limit=100, baseline=changed(native_report, tmp_path, key, value))
    with pytest.raises(InputError, match="baseline"):
        run_model(DIGITS, "native", options, out_dir=tmp_path / "out")
    assert not (tmp_path / "out" / "firmware").exists()


def test_the_baseline_is_not_overwritten(native_report: Report, tmp_path: Path) -> None:
    path = changed(native_report, tmp_path, "board", "native").rename(tmp_path / "report.json")
    before = path.read_bytes()
    with pytest.raises(InputError, match="would replace the baseline"):
        run_model(DIGITS, "native", RunOptions(baseline=path), out_dir=tmp_path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["report.json"]
