"""Reports of several engines side by side: terminal, JSON, HTML."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tinykit.errors import InputError
from tinykit.files import write_file
from tinykit.hil.report.html import environment
from tinykit.hil.report.model import Report
from tinykit.hil.report.numbers import byte_count, quantity
from tinykit.hil.report.write import finite
from tinykit.text import printable

SCHEMA = 1


@dataclass(frozen=True)
class Row:
    """One figure of all engines.

    Attributes:
        key: of the figure in a report ("latency.p50").
        values: one for each engine, None where it has none.
        texts: the same as printed, with units.
        ratios: value by the first engine's; None where that cannot be computed.
    """

    key: str
    title: str
    values: tuple[float | None, ...]
    texts: tuple[str, ...]

    @property
    def ratios(self) -> tuple[float | None, ...]:
        first = self.values[0]
        return tuple(None if value is None or not first else value / first for value in self.values)


@dataclass(frozen=True)
class Comparison:
    """Reports of one model on one board with the same samples, one for each engine."""

    reports: tuple[Report, ...]

    @property
    def failures(self) -> tuple[str, ...]:
        """What failed, and with which engine."""
        return tuple(f"{report.engine}: {text}" for report in self.reports for text in report.failures)

    @property
    def rows(self) -> tuple[Row, ...]:
        """The figures, those of latency first."""
        unit = self.reports[0].latency.unit
        rows = [self._row("latency.p50", "latency, median", lambda r: r.latency.p50, lambda v: quantity(v, unit))]
        for key, title in _SIZES:
            rows.append(self._row(f"memory.{key}", title, partial(_memory, key), byte_count))
        rows.append(self._row("accuracy.device", self._metric(), lambda r: r.accuracy.device, lambda v: f"{v:.4g}"))
        identical = self._row("accuracy.identical", "identical", lambda r: r.accuracy.identical, lambda v: f"{v:.0f}")
        total = self.reports[0].accuracy.n
        rows.append(Row(identical.key, f"identical, of {total:,}", identical.values, identical.texts))
        return tuple(row for row in rows if any(value is not None for value in row.values))

    def to_json(self) -> dict[str, Any]:
        """The comparison as JSON values; docs/reports.md describes it."""
        return {
            "schema": SCHEMA,
            "result": "fail" if self.failures else "pass",
            "engines": [report.engine for report in self.reports],
            "unit": self.reports[0].latency.unit,
            "rows": [
                {"key": row.key, "title": row.title, "values": list(row.values), "ratios": list(row.ratios)}
                for row in self.rows
            ],
            "reports": [report.to_json() for report in self.reports],
        }

    def _metric(self) -> str:
        return self.reports[0].accuracy.metric or "accuracy"

    def _row(self, key: str, title: str, value_of: Callable[[Report], Any], text_of: Callable[[Any], str]) -> Row:
        values = tuple(value_of(report) for report in self.reports)
        return Row(key, title, values, tuple("-" if value is None else text_of(value) for value in values))


def _memory(key: str, report: Report) -> int | None:
    value: int | None = getattr(report.memory, key)
    return value


_SIZES = (
    ("flash", "flash"),
    ("code", "code"),
    ("weights", "weights"),
    ("static_ram", "RAM"),
    ("arena", "arena"),
    ("stack", "stack used"),
)


def render_comparison(comparison: Comparison) -> RenderableType:
    """What the CLI prints after the reports: 80 columns for up to three engines."""
    first = comparison.reports[0]
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("", no_wrap=True)
    for report in comparison.reports:
        table.add_column(report.engine, justify="right", no_wrap=True)
        if report is not first:
            table.add_column("", justify="right", no_wrap=True)
    for row in comparison.rows:
        cells = [row.title, row.texts[0]]
        for text, ratio in zip(row.texts[1:], row.ratios[1:], strict=True):
            cells += [text, "" if ratio is None else f"x {ratio:.3g}"]
        table.add_row(*cells)
    return Group(
        Text.assemble((printable(first.model.name), "bold"), " on ", (first.board, "bold"), ", engines"), table
    )


def comparison_text(comparison: Comparison) -> str:
    """comparison.json."""
    return json.dumps(finite(comparison.to_json()), indent=2, allow_nan=False) + "\n"


def write_comparison(comparison: Comparison, directory: Path) -> None:
    """Write comparison.json and comparison.html into ``directory``.

    Raises:
        InputError: the folder cannot be written.
    """
    html = environment().get_template("comparison.html.j2").render(c=comparison, first=comparison.reports[0])
    try:
        directory.mkdir(parents=True, exist_ok=True)
        write_file(directory / "comparison.json", comparison_text(comparison))
        write_file(directory / "comparison.html", html.encode("utf-8", "replace"))
    except OSError as error:
        raise InputError(
            "cannot write the comparison",
            where=str(directory),
            why=error.strerror or str(error),
            hint="give another --out",
        ) from None
