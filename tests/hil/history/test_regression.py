"""Between which builds something got worse, and in which layers."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest

from tinykit.errors import DeviceDied
from tinykit.hil.history import History, Origin
from tinykit.hil.history.regression import Finding, OutputChange, Regression, findings_of, grouped
from tinykit.hil.history.series import series_of
from tinykit.hil.report import Report

from .runs import BEGIN, build_id, keep, variant


def found(history: History, limit: float = 5.0, metrics: tuple[str, ...] = ()) -> list[Finding]:
    (series,) = series_of(history.runs())
    return findings_of(series, limit, history, metrics)


def latencies(history: History, limit: float = 5.0) -> list[tuple[str, str, float]]:
    """Builds before and after, by their names, and the loss."""
    regressions = [f for f in found(history, limit, ("latency",)) if isinstance(f, Regression)]
    names = [
        tuple(bytes.fromhex(str(run.build_id)).decode().strip("\0") for run in (r.before, r.now)) for r in regressions
    ]
    return [(before, now, round(r.loss, 4)) for (before, now), r in zip(names, regressions, strict=True)]


def test_builds_between_which_latency_grew(history: History, native_report: Report) -> None:
    figures = [("a", 100), ("a", 100), ("b", 103), ("c", 90), ("d", 97.2), ("e", 97.2), ("f", 80), ("a", 84)]
    keep(history, [variant(native_report, build=b, p50=p) for b, p in figures])
    assert latencies(history) == [("c", "d", 8.0)]  # told once; what got better is the new measure
    assert latencies(history, 0) == [("a", "b", 3.0), ("c", "d", 8.0), ("f", "a", 5.0)]
    assert latencies(history, 8.01) == []


def test_what_creeps_is_seen_when_it_is_beyond_the_limit(history: History, native_report: Report) -> None:
    keep(history, [variant(native_report, build=b, p50=p) for b, p in zip("abcd", (100, 103, 106, 109), strict=True)])
    (regression,) = found(history)
    assert isinstance(regression, Regression)
    assert latencies(history) == [("b", "c", pytest.approx(2.9126))]
    assert regression.total == pytest.approx(6)
    assert regression.best.build_id == build_id("a")
    assert regression.text == (
        "latency (median) got 2.91 % worse: 103 -> 106 instructions, "
        f"6.00 % in all since build {build_id('a')[:12]}"
    )  # fmt: skip


def test_a_build_counts_with_the_median_of_its_runs(history: History, native_report: Report) -> None:
    figures = [("a", 100), ("b", 100), ("b", 400), ("b", 101), ("c", 101)]
    keep(history, [variant(native_report, build=b, p50=p) for b, p in figures])
    assert latencies(history) == []


def test_only_like_is_compared_with_like(history: History, native_report: Report) -> None:
    one = variant(native_report, build="a", p50=100)
    other_unit = variant(native_report, build="b", p50=900)
    other_unit = replace(other_unit, latency=replace(other_unit.latency, unit="us"))
    other_data = variant(native_report, build="c", p50=900)
    other_data = replace(
        other_data,
        latency=replace(other_data.latency, unit="us"),
        accuracy=replace(other_data.accuracy, device=0.1, data_sha256="e" * 64, outputs_sha256="2" * 64),
    )
    keep(history, [one, other_unit, other_data])
    assert found(history) == []


def test_each_figure_has_its_own_worse(history: History, native_report: Report) -> None:
    def with_accuracy(build: str, value: float, metric: str) -> Report:
        report = variant(native_report, build=build, flash=1000 if build == "a" else 1051)
        return replace(report, accuracy=replace(report.accuracy, device=value, metric=metric))

    keep(history, [with_accuracy("a", 0.9, "top1"), with_accuracy("b", 0.8, "top1")])
    assert [(f.metric.name, round(f.loss, 2)) for f in found(history) if isinstance(f, Regression)] == [
        ("flash", 5.1),
        ("accuracy", 11.11),
    ]
    assert len(grouped(found(history))) == 1


def test_an_error_in_squares_gets_worse_upwards(history: History, native_report: Report) -> None:
    for build, value in (("a", 0.8), ("b", 0.9), ("c", 0.5)):
        report = variant(native_report, build=build)
        keep(history, [replace(report, accuracy=replace(report.accuracy, device=value, metric="mse"))])
    assert [(f.metric.name, round(f.loss, 2)) for f in found(history) if isinstance(f, Regression)] == [
        ("accuracy", 12.5)
    ]


def test_nothing_became_something(history: History, native_report: Report) -> None:
    keep(history, [variant(native_report, build="a", arena=0), variant(native_report, build="b", arena=16)])
    (regression,) = found(history)
    assert isinstance(regression, Regression)
    assert (regression.metric.name, regression.loss) == ("arena", float("inf"))


def test_layers_by_how_much_they_changed(history: History, native_report: Report) -> None:
    labels = [layer.label for layer in native_report.latency.layers]
    before = variant(native_report, build="a", p50=100, layers={1: 40, 2: 20, 3: 5, 4: 0})
    now = variant(native_report, build="b", p50=110, layers={1: 43.2, 2: 30, 3: 2, 4: 7})
    latency = now.latency
    now = replace(
        now, latency=replace(latency, layers=(*latency.layers[:5], replace(latency.layers[5], label="NEW 9")))
    )
    keep(history, [before, now])
    (regression,) = found(history)
    assert isinstance(regression, Regression)
    changes = [
        (c.label, c.before, c.now, None if c.percent is None else round(c.percent, 2)) for c in regression.layers
    ]
    assert changes == [
        (labels[2], 20, 30, 50.0),
        ("NEW 9", None, 10, None),
        (labels[4], 0, 7, None),
        (labels[1], 40, 43.2, 8.0),
        (labels[3], 5, 2, -60.0),
        (labels[5], 10, None, None),
        (labels[6], 10, None, None),
        (labels[7], 10, None, None),
    ]


def test_what_else_changed_between_them(history: History, native_report: Report) -> None:
    before, now = (variant(native_report, build=b, p50=p) for b, p in (("a", 100), ("b", 110)))
    now = replace(
        now, model=replace(now.model, sha256="f" * 64), build=replace(now.build, compiler="gcc 14", tinykit="0.2.0")
    )
    history.add(before, Origin("a" * 40), at=BEGIN)
    history.add(now, Origin("b" * 40, dirty=True), at=BEGIN)
    (regression,) = found(history, metrics=("latency",))
    assert regression.changed == [
        f"model file {before.model.sha256[:12]} -> ffffffffffff",
        f"tinykit {before.build.tinykit} -> 0.2.0",
        f"compiler {before.build.compiler} -> gcc 14",
        "commit aaaaaaaa -> bbbbbbbb*",
    ]
    assert regression.between == (
        f"between build {build_id('a')[:12]} (2026-03-01 12:00 UTC at commit aaaaaaaa) "
        f"and build {build_id('b')[:12]} (2026-03-01 12:00 UTC at commit bbbbbbbb*)"
    )


def test_outputs_that_changed_and_the_layer(history: History, native_report: Report) -> None:
    labels = [layer.label for layer in native_report.latency.layers]
    one, other = "1" * 64, "2" * 64
    keep(
        history,
        [
            variant(native_report, build="a", outputs=one),
            variant(native_report, build="b", outputs=one, crcs={1: "0000beef"}),  # another layout, the same outputs
            variant(native_report, build="b", outputs=other, crcs={1: "0000beef", 4: "0000dead", 5: "0000dead"}),
            variant(native_report, build="c", outputs=other),
        ],
    )
    (change,) = found(history)
    assert isinstance(change, OutputChange)
    assert (change.before.number, change.now.number, change.first) == (2, 3, labels[4])
    assert change.text == f"outputs changed; the first layer that differs is {labels[4]}"
    assert found(history, metrics=("latency",)) == []


def test_errors_are_no_figures(history: History, native_report: Report) -> None:
    history.add(variant(native_report, build="a", p50=100), Origin(), at=BEGIN)
    history.add_failure(DeviceDied("it died"), "digits", "native", Origin(), at=BEGIN)
    history.add(variant(native_report, build="b", p50=120), Origin(), at=BEGIN)
    assert latencies(history) == [("a", "b", 20.0)]


def test_a_report_that_is_odd_costs_the_layers_only(history: History, url: str, native_report: Report) -> None:
    import json
    import zlib

    for odd in ({}, {"latency": []}, {"latency": {"layers": 7}}, {"latency": {"layers": [1, {"value": "x"}]}}):
        with sqlite3.connect(url) as connection:
            connection.execute("DELETE FROM tinykit_runs")
        keep(history, [variant(native_report, build=b, p50=p) for b, p in (("a", 100), ("b", 120))])
        with sqlite3.connect(url) as connection:
            connection.execute("UPDATE tinykit_runs SET report = ?", (zlib.compress(json.dumps(odd).encode()),))
        (regression,) = found(history)
        assert isinstance(regression, Regression)
        assert regression.layers == ()
