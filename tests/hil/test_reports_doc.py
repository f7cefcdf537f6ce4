"""docs/reports.md names every key that reports have, with the right type, and no other."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tinykit.compiler import compile_graph
from tinykit.errors import DeviceDied
from tinykit.firmware import Image
from tinykit.graph.types import Graph
from tinykit.hil.baseline import compare_with_baseline, load_baseline
from tinykit.hil.dataset import load_dataset
from tinykit.hil.measure import measure
from tinykit.hil.reference import run_reference
from tinykit.hil.report import Report
from tinykit.hil.report.failure import write_failure
from tinykit.hil.report.model import SCHEMA
from tinykit.hil.report.write import write_reports
from tinykit.hil.session import Session

from .conftest import DIGITS, DIGITS_DATA, ROOT
from .reports import estimated, powered

TYPES = {"string": str, "integer": int, "number": (int, float), "object": dict, "list": list, "boolean": bool}
ROW = re.compile(r"\| `([a-z0-9_.\[\]]+)` \| ((?:string|integer|number|object|list|boolean)[^|]*)\|")
MATRIX = "## The matrix of a bench"
PARENTS = {"model", "build", "memory", "latency", "accuracy", "link", "error"}
"""Objects that are always there and have no row of their own."""


def documented() -> dict[str, str]:
    """Types by key, of both tables of a report."""
    text = (ROOT / "docs" / "reports.md").read_text(encoding="utf-8")
    return dict(ROW.findall(text[: text.index(MATRIX)]))


def walk(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every key with its value; ``[]`` for the elements of a list of objects."""
    if isinstance(value, dict):
        for key, inner in value.items():
            name = f"{path}.{key}" if path else key
            yield name, inner
            yield from walk(inner, name)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for inner in value:
            yield from walk(inner, f"{path}[]")


@pytest.fixture(scope="module")
def reports(
    native_image: Image, native_report: Report, digits: Graph, tmp_path_factory: pytest.TempPathFactory
) -> list[dict[str, Any]]:
    """A good run; one that differs from its reference and has a baseline; one that was not finished."""
    folders = [tmp_path_factory.mktemp(name) for name in ("good", "bad", "error", "patched")]
    write_reports(native_report, folders[0])

    data = load_dataset(DIGITS_DATA, digits, limit=100)
    reference = run_reference(DIGITS, data)
    assert reference is not None
    altered = replace(reference, outputs=tuple(values ^ 1 for values in reference.outputs))
    with Session(native_image.board, native_image) as session:
        differing = measure(session, digits, data, altered, litert=altered)
    baseline = load_baseline(folders[0] / "report.json")
    write_reports(
        replace(compare_with_baseline(differing, baseline, 1e6), estimate=estimated(), energy=powered()), folders[1]
    )

    patched = compile_graph(digits, patches=2).patched
    assert patched is not None
    write_reports(replace(native_report, patches=patched), folders[3])
    write_failure(DeviceDied("it died", where="native", why="no reason", hint="look"), "digits on native", folders[2])
    return [json.loads((folder / "report.json").read_text()) for folder in folders]


@pytest.mark.slow
def test_keys_of_reports_are_documented_and_documented_keys_exist(reports: list[dict[str, Any]]) -> None:
    found = {key for report in reports for key, _ in walk(report)}
    assert found - PARENTS == set(documented())


def test_keys_are_always_present(reports: list[dict[str, Any]]) -> None:
    good = {key for key, _ in walk(reports[0])} - PARENTS
    optional = {
        key
        for key in documented()
        if key.startswith(
            ("baseline.", "error.", "accuracy.examples[]", "accuracy.litert.", "patches.", "estimate.", "energy.")
        )
    }
    assert good == set(documented()) - optional


def test_values_have_the_documented_type(reports: list[dict[str, Any]]) -> None:
    types = documented()
    for report in reports:
        for key, value in walk(report):
            if key in PARENTS:
                continue
            if value is None:
                assert "or null" in types[key], key
            else:
                assert isinstance(value, TYPES[types[key].split()[0].rstrip(",")]), (key, value)


def test_schema_version(reports: list[dict[str, Any]]) -> None:
    stated = re.search(r"^`schema` is (\d+)\.", (ROOT / "docs" / "reports.md").read_text(encoding="utf-8"), re.M)
    assert stated is not None
    assert {report["schema"] for report in reports} == {SCHEMA} == {int(stated[1])}


def test_relations_that_the_document_states(native_report: Report) -> None:
    memory, accuracy, latency = native_report.memory, native_report.accuracy, native_report.latency
    assert memory.flash == memory.code + memory.weights + memory.tables
    assert memory.arena_lower_bound <= memory.arena <= memory.static_ram
    assert accuracy.identical is not None
    assert accuracy.mismatches == accuracy.n - accuracy.identical
    assert latency.min <= latency.p50 <= latency.p95 <= latency.p99 <= latency.max
    assert sum(layer.share for layer in latency.layers) == pytest.approx(1)
    assert {b.first for b in memory.buffers} >= {-1}
    assert max(b.last for b in memory.buffers) == len(latency.layers)


def test_links_within_the_document() -> None:
    text = (ROOT / "docs" / "reports.md").read_text(encoding="utf-8")
    headings = {re.sub(r"[^a-z0-9 -]", "", h.lower()).replace(" ", "-") for h in re.findall(r"^#+ (.*)$", text, re.M)}
    targets = re.findall(r"\]\(#([^)]+)\)", text)
    assert targets
    assert set(targets) <= headings
