"""A model with several engines on one board: measured one by one, then side by side."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from tinykit.errors import InputError
from tinykit.hil.engines import run_engines
from tinykit.hil.report import Report
from tinykit.hil.report.comparison import Comparison, render_comparison, write_comparison
from tinykit.hil.run import RunOptions

from .conftest import DIGITS
from .reports import failed, hostile


@pytest.fixture
def other(native_report: Report) -> Report:
    """As another engine might do: half the speed, more memory, no figure for the stack."""
    latency = replace(native_report.latency, p50=native_report.latency.p50 * 2)
    memory = replace(native_report.memory, arena=native_report.memory.arena * 3, arena_lower_bound=None)
    return replace(native_report, engine="tflm", latency=latency, memory=memory)


def printed(comparison: Comparison) -> str:
    file = io.StringIO()
    Console(file=file, width=80).print(render_comparison(comparison))
    return file.getvalue()


def test_figures_are_put_side_by_side(native_report: Report, other: Report) -> None:
    comparison = Comparison((native_report, other))
    rows = {row.key: row for row in comparison.rows}
    assert rows["latency.p50"].ratios == (1, 2)
    assert rows["memory.arena"].ratios[1] == 3
    assert "memory.stack" not in rows  # the host has none
    text = printed(comparison)
    assert "x 2" in text
    assert max(len(line.rstrip()) for line in text.splitlines()) <= 80


def test_files(native_report: Report, other: Report, tmp_path: Path) -> None:
    write_comparison(Comparison((native_report, failed(other))), tmp_path)
    value = json.loads((tmp_path / "comparison.json").read_text())
    assert value["result"] == "fail"
    assert value["engines"] == ["aot", "tflm"]
    assert {row["key"] for row in value["rows"]} >= {"latency.p50", "memory.flash", "accuracy.identical"}
    assert [report["engine"] for report in value["reports"]] == ["aot", "tflm"]
    page = (tmp_path / "comparison.html").read_text()
    assert 'href="tflm/report.html"' in page
    assert "tflm: 2 of 100 differ" in page


def test_names_are_escaped(native_report: Report, other: Report, tmp_path: Path) -> None:
    comparison = Comparison((hostile(native_report), hostile(other)))
    write_comparison(comparison, tmp_path)
    assert "<script" not in (tmp_path / "comparison.html").read_text()
    assert "\x1b" not in printed(comparison)


def test_a_figure_of_nothing_has_no_ratio(native_report: Report, other: Report) -> None:
    nothing = replace(native_report, memory=replace(native_report.memory, weights=0))
    rows = {row.key: row for row in Comparison((nothing, other)).rows}
    assert rows["memory.weights"].ratios == (None, None)
    assert "x" not in next(line for line in printed(Comparison((nothing, other))).splitlines() if "weights" in line)


def test_a_baseline_is_of_one_engine(tmp_path: Path) -> None:
    options = RunOptions(baseline=tmp_path / "report.json")
    with pytest.raises(InputError, match="one engine"):
        run_engines(DIGITS, "native", ("aot", "tflm"), options)
