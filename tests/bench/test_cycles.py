"""The record of estimated cycles: what documents and bands say is in it."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tinykit.cycles.cores import CORES

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "bench" / "cycles"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("compare", FOLDER / "compare.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def record() -> Any:
    return json.loads((FOLDER / "record.json").read_text())


@pytest.fixture(scope="module")
def published() -> Any:
    return json.loads((FOLDER / "published.json").read_text())


def test_factors_follow_from_traces_and_published_times(script: ModuleType, record: Any, published: Any) -> None:
    found = script.compare(record["traces"], published)
    assert list(found) == list(record["compared"])
    for name, factors in found.items():
        assert factors == pytest.approx(record["compared"][name])


def test_the_band_of_cortex_m4_covers_what_was_found_and_5_percent(record: Any) -> None:
    found = record["compared"]["cortex-m4"].values()
    band = CORES["cortex-m4"].band
    assert band.low == pytest.approx(min(found) - 0.05, abs=0.006)
    assert band.high == pytest.approx(max(found) + 0.05, abs=0.006)


def test_the_band_of_cortex_m7_covers_what_was_found_on_both_cores(record: Any) -> None:
    both = record["compared"]
    found = [a * b for a in both["cortex-m7 / cortex-m4"].values() for b in both["cortex-m4"].values()]
    band = CORES["cortex-m7"].band
    assert band.low <= min(found)
    assert max(found) <= band.high


def test_the_documents_tables_are_those_of_the_record(script: ModuleType, record: Any, published: Any) -> None:
    text = (ROOT / "docs" / "performance.md").read_text()
    assert "\n".join(script.table(record["traces"], published)) in text
    for factors in record["compared"].values():
        assert " | ".join(f"{factors[model]:.2f}" for model in script.MODELS) in text
