"""Comparing a report with an earlier one: what counts as worse, and where the limit is."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tinykit.errors import InputError
from tinykit.hil.baseline import compare_with_baseline, load_baseline, parse_percent
from tinykit.hil.report import Report
from tinykit.hil.report.write import to_json_text

Change = Callable[[dict[str, Any]], None]


def saved(report: Report, folder: Path, change: Change = lambda values: None) -> Path:
    values = json.loads(to_json_text(report))
    change(values)
    path = folder / "old.json"
    path.write_text(json.dumps(values))
    return path


def compared(report: Report, folder: Path, change: Change = lambda values: None, limit: float = 5.0) -> Report:
    """The report against itself with something changed."""
    return compare_with_baseline(report, load_baseline(saved(report, folder, change)), limit)


def with_figures(report: Report, **memory: int | None) -> Report:
    return replace(report, memory=replace(report.memory, **memory), failures=())


@pytest.mark.slow
def test_against_itself(native_report: Report, tmp_path: Path) -> None:
    result = compared(native_report, tmp_path, limit=0.0)
    assert result.failures == native_report.failures == ()
    assert result.baseline == {
        "file": "old.json",
        "max_regress": 0.0,
        "build_id": native_report.build.id,
        "regressions": [],
    }


@pytest.mark.parametrize(
    ("key", "label"), [("flash", "flash"), ("arena", "arena"), ("static_ram", "static RAM"), ("stack", "stack")]
)
def test_sizes_may_grow_up_to_the_limit(native_report: Report, tmp_path: Path, key: str, label: str) -> None:
    def before(values: dict[str, Any]) -> None:
        values["memory"][key] = 2000

    at_limit = compared(with_figures(native_report, **{key: 2100}), tmp_path, before)
    assert (at_limit.result, at_limit.failures) == ("pass", ())
    above = compared(with_figures(native_report, **{key: 2101}), tmp_path, before)
    assert above.result == "fail"
    assert above.failures == (f"{label} grew by 5.05 %: 2,000 -> 2,101 bytes",)
    assert above.baseline is not None
    assert above.baseline["regressions"] == list(above.failures)
    assert compared(with_figures(native_report, **{key: 1}), tmp_path, before).result == "pass"


@pytest.mark.parametrize(("before", "now"), [(None, 500), (500, None)])
def test_stack_that_only_one_side_knows_is_not_compared(
    native_report: Report, tmp_path: Path, before: int | None, now: int | None
) -> None:
    report = with_figures(native_report, stack=now)
    assert compared(report, tmp_path, lambda values: values["memory"].update(stack=before)).result == "pass"


def test_nothing_may_not_become_something(native_report: Report, tmp_path: Path) -> None:
    report = with_figures(native_report, arena=16)
    result = compared(report, tmp_path, lambda values: values["memory"].update(arena=0), limit=1e6)
    assert result.failures == ("arena grew by inf %: 0 -> 16 bytes",)


def test_latency_and_the_layer_that_grew_most(native_report: Report, tmp_path: Path) -> None:
    layers = native_report.latency.layers
    slower = [replace(layer, value=1000.0 if layer.index == 2 else layer.value) for layer in layers]

    def at(p50: float) -> Report:
        return replace(native_report, latency=replace(native_report.latency, p50=p50, layers=tuple(slower)))

    def before(values: dict[str, Any]) -> None:
        values["latency"]["p50"] = 100.0
        values["latency"]["layers"][2]["value"] = 400.0

    assert compared(at(105.0), tmp_path, before).result == "pass"
    failures = compared(at(105.5), tmp_path, before).failures
    assert failures == (
        f"latency p50 grew by 5.50 %: 100 -> 105.5 us, most of it in {layers[2].label} (+600, 150.00 %)",
    )


@pytest.mark.parametrize(
    ("metric", "old", "ok", "worse"),
    [("top1", 1.0, 0.9375, 0.875), ("mse", 2.0, 2.125, 2.25)],
)
def test_accuracy_gets_worse_downwards_and_errors_upwards(
    native_report: Report, tmp_path: Path, metric: str, old: float, ok: float, worse: float
) -> None:
    def at(value: float) -> Report:
        return replace(native_report, accuracy=replace(native_report.accuracy, metric=metric, device=value))

    def before(values: dict[str, Any]) -> None:
        values["accuracy"].update(metric=metric, device=old)

    assert compared(at(ok), tmp_path, before, 6.25).result == "pass"
    (failure,) = compared(at(worse), tmp_path, before, 6.25).failures
    assert failure.startswith(f"accuracy ({metric}) got 12.50 % worse")
    assert compared(at(float("nan")), tmp_path, before, 6.25).result == "fail"


def test_failures_of_the_run_itself_are_kept(native_report: Report, tmp_path: Path) -> None:
    before = load_baseline(saved(native_report, tmp_path, lambda values: values["memory"].update(arena=1)))
    result = compare_with_baseline(replace(native_report, failures=("outputs differ",)), before, 5.0)
    assert len(result.failures) == 2
    assert result.failures[0] == "outputs differ"


@pytest.mark.parametrize(("text", "value"), [("5%", 5.0), (" 0.5 % ", 0.5), ("0", 0.0), ("1e2", 100.0)])
def test_percent(text: str, value: float) -> None:
    assert parse_percent(text) == value


@pytest.mark.parametrize("text", ["", "%", "-1%", "nan", "inf%", "five", "5%%"])
def test_no_percent(text: str) -> None:
    with pytest.raises(InputError, match="not a percentage"):
        parse_percent(text)


def test_no_percent_names_the_option() -> None:
    with pytest.raises(InputError) as caught:
        parse_percent("five", "--max-accuracy-drop")
    assert "--max-accuracy-drop 5%" in str(caught.value.hint)
