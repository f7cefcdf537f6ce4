"""A matrix in its forms: names that mean something to the form stay text, and the worst cell decides."""

from __future__ import annotations

import json
from dataclasses import replace
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from rich.console import Console

from support.benches import bench_file
from tinykit.errors import DeviceReset, DoesNotFit, TinykitError, ToolMissing
from tinykit.hil.inventory import load_inventory
from tinykit.hil.matrix import Attempt, Cell, Matrix
from tinykit.hil.matrix.junit import render_junit
from tinykit.hil.matrix.markdown import render_markdown
from tinykit.hil.matrix.terminal import render_matrix
from tinykit.hil.matrix.write import matrix_html, matrix_text, write_matrix
from tinykit.hil.place import BenchPlace
from tinykit.hil.report import Report
from tinykit.hil.report.used_energy import Energy
from tinykit.hil.retry import remedy

from .reports import hostile

NASTY = 'a|b<script>alert(1)</script>\n\x07*_[x](y)"\udcff'


def matrix(*cells: Cell) -> Matrix:
    return Matrix("bench.toml", (), "2026-01-01T00:00:00+00:00", 1.0, cells)


def cell(place: str, error: TinykitError | None = None, report: Report | None = None, model: str = "m") -> Cell:
    status = "error" if error is not None else "stopped" if report is None else report.result
    return Cell(place, "native", model, status, report, error)


@pytest.mark.parametrize(
    ("errors", "code", "result"),
    [
        ([], 0, "pass"),
        ([DoesNotFit("it is too large")], 2, "error"),
        ([DoesNotFit("it is too large"), ToolMissing("no qemu")], 3, "error"),
        ([ToolMissing("no qemu"), DeviceReset("it restarted")], 4, "error"),
    ],
)
def test_the_worst_cell_decides(native_report: Report, errors: list[TinykitError], code: int, result: str) -> None:
    cells = [cell(f"p{n}", error) for n, error in enumerate(errors)]
    found = matrix(cell("good", report=native_report), *cells)
    assert (found.exit_code, found.result) == (code, result)
    failed = replace(native_report, failures=("1 of 5 outputs differ",))
    assert matrix(cell("good", report=failed), *cells).exit_code == max(code, 1)


def test_what_means_something_to_a_form_stays_text(tmp_path: Path, native_report: Report) -> None:
    error = DeviceReset(NASTY, where=NASTY, why=NASTY, hint=NASTY)
    bad = replace(cell("p", error, model=NASTY), attempts=(Attempt(error, NASTY), Attempt(error, None)), notes=(NASTY,))
    found = matrix(bad, cell("q", report=hostile(native_report), model=NASTY))
    assert "<script" not in matrix_html(found)
    assert json.loads(matrix_text(found))["cells"][0]["model"] == NASTY
    root = ElementTree.fromstring(render_junit(found).encode("utf-8", "replace"))
    assert [suite.get("errors") for suite in root] == ["1", "0"]
    text = render_markdown(found)
    assert "<script" not in text
    (row,) = [line for line in text.splitlines() if line.startswith("| p ")]
    assert row.replace("\\|", "").count("|") == 10  # no cell more
    output = StringIO()
    Console(file=output, width=80).print(render_matrix(found))
    assert "\x07" not in output.getvalue()
    write_matrix(found, tmp_path / "out")  # half a surrogate pair cannot be written as UTF-8
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"matrix.json", "matrix.html", "junit.xml"}


def test_a_switch_that_fails_is_said_and_the_next_attempt_made(tmp_path: Path) -> None:
    text = '[[place]]\nname = "a"\nboard = "native"\nport = "/dev/null"\n'
    text += (
        'power = { kind = "command", on = "true", off = "echo unplugged; false", off_seconds = 0, boot_seconds = 0 }'
    )
    (tmp_path / "bench.toml").write_text(text)
    inventory = load_inventory(tmp_path / "bench.toml")
    place = BenchPlace(inventory.slots[0], inventory.path)
    said: list[str] = []
    assert remedy(place, said.append, lambda seconds: None) == (
        "power switch failed: the power switch did not switch (exit status 1; unplugged)"
    )
    bench = load_inventory(bench_file(tmp_path, {"e": "native"}))
    assert remedy(BenchPlace(bench.slots[0], bench.path), said.append, lambda seconds: None) == "started anew"


def test_energy_has_a_column_where_there_is_any(native_report: Report) -> None:
    measured = Energy(True, "a meter", "time", 100, 3.25e-5, 0.03, 0.01, 1e-3, 1000)
    plain = matrix(cell("p", report=native_report), cell("q"))
    metered = matrix(
        cell("p", report=native_report),
        cell("q", report=replace(native_report, energy=measured)),
        cell("r", report=replace(native_report, energy=replace(measured, measured=False))),
        cell("s"),
    )
    for render in (matrix_html, render_markdown, terminal):
        assert "energy" not in render(plain)
        text = render(metered)
        assert text.count("32.5 uJ") == 2
        assert text.count("32.5 uJ (est.)") == 1
    assert "energy: 32.5 uJ" in render_junit(metered)
    rows = [line for line in render_markdown(metered).splitlines() if line.startswith("| ")]
    assert [row.count("|") for row in rows] == [10] * 5


def terminal(found: Matrix) -> str:
    output = StringIO()
    Console(file=output, width=80).print(render_matrix(found))
    return output.getvalue()
