"""The state of a bench as a folder of HTML files that needs nothing else, and opens from the disk."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from tinykit.files import write_report
from tinykit.hil.history.drawing import SPARK_HEIGHT, SPARK_WIDTH, Spark, sparkline
from tinykit.hil.history.html import render_history
from tinykit.hil.history.metrics import METRICS
from tinykit.hil.history.regression import Finding, grouped
from tinykit.hil.history.report import Found
from tinykit.hil.history.series import Series
from tinykit.hil.report.html import environment
from tinykit.text import utf8

_PAGES = "series"
_NEWEST = 20
"""Pairs of builds whose regressions are listed."""


@dataclass(frozen=True)
class Cell:
    """A model at a place.

    Attributes:
        link: page of the series.
        latency, accuracy: of the newest run that was finished, with their units; None where there is none.
        worse: what got worse with the newest build.
    """

    series: Series
    link: str
    latency: str | None
    accuracy: str | None
    spark: Spark | None
    worse: list[Finding]


@dataclass(frozen=True)
class Row:
    model: str
    engine: str
    cells: list[Cell | None]


def write_dashboard(found: Found, folder: Path, url: str, max_regress: float, now: datetime | None = None) -> Path:
    """Write index.html and, into ``series``, a page for each series.

    Args:
        url: of the history, without its password.
        max_regress: percent that was taken for the regressions.

    Returns:
        index.html.

    Raises:
        InputError: the folder cannot be written.
    """
    for series, findings in found:
        page = render_history([(series, findings)], back="../index.html")
        write_report(folder / page_name(series), page, "--out")
    index = folder / "index.html"
    write_report(index, render_dashboard(found, url, max_regress, now or datetime.now(timezone.utc)), "--out")
    return index


def render_dashboard(found: Found, url: str, max_regress: float, now: datetime) -> str:
    """index.html. All text of the history is escaped."""
    places = sorted({(series.last.place, series.last.board) for series, _ in found})
    cells = {(s.last.model, s.last.engine, s.last.place, s.last.board): _cell(s, r) for s, r in found}
    rows = [
        Row(model, engine, [cells.get((model, engine, *place)) for place in places])
        for model, engine in sorted({(series.last.model, series.last.engine) for series, _ in found})
    ]
    worse = [(series, group, page_name(series)) for series, findings in found for group in grouped(findings)]
    worse.sort(key=lambda item: item[1][0].now.at, reverse=True)
    counts = {result: sum(s.last.result == result for s, _ in found) for result in ("pass", "fail", "error")}
    return (
        environment()
        .get_template("dashboard.html.j2")
        .render(
            places=places, rows=rows, worse=worse[:_NEWEST], more=max(0, len(worse) - _NEWEST), counts=counts,
            runs=sum(len(s.runs) for s, _ in found), newest=max((s.last.at for s, _ in found), default=None),
            url=utf8(url), max_regress=max_regress, now=now, spark={"width": SPARK_WIDTH, "height": SPARK_HEIGHT},
        )
    )  # fmt: skip


def page_name(series: Series) -> str:
    """Where a series' page is. Names of models may be anything: what tells them apart is a hash."""
    run = series.last
    parts = (run.model, run.place, run.board, run.engine)
    readable = re.sub(r"[^A-Za-z0-9._-]+", "-", f"{run.model}-{run.place}")[:60].strip("-.") or "series"
    return f"{_PAGES}/{readable}-{hashlib.sha256(repr(parts).encode()).hexdigest()[:8]}.html"


def _cell(series: Series, findings: list[Finding]) -> Cell:
    texts: dict[str, str | None] = {}
    for name in ("latency", "accuracy"):
        values = series.values(METRICS[name])
        run, value = values[-1] if values else (series.last, None)
        texts[name] = None if value is None else METRICS[name].full(value, run)
    step = series.steps[-1] if series.steps else None
    newest = {run.number for run in step.runs} if step is not None else set()
    return Cell(
        series,
        page_name(series),
        texts["latency"],
        texts["accuracy"],
        sparkline(series, "latency"),
        [finding for finding in findings if finding.now.number in newest],
    )
