"""A history on the terminal: 80 columns, readable without colour."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tinykit.hil.history.metrics import METRICS, Metric
from tinykit.hil.history.regression import Regression
from tinykit.hil.history.report import Found
from tinykit.hil.history.run import Run
from tinykit.hil.history.series import Series
from tinykit.text import printable

_STYLES = {"pass": "green", "fail": "bold red", "error": "bold yellow"}
_COLUMNS = ("latency", "flash", "arena", "accuracy")
_LEVELS = "▁▂▃▄▅▆▇█"
_SPARK = 30
_LAYERS = 8
"""Layers of a regression that are listed."""


def render_table(found: Found, limit: int, metrics: Sequence[str] = ()) -> RenderableType:
    """Each series: how its first metric went, then its newest runs, then what got worse.

    Args:
        limit: runs of a series that are listed.
        metrics: columns; a choice of them where there are none.
    """
    parts: list[RenderableType] = []
    for series, findings in found:
        columns = [METRICS[name] for name in metrics or _COLUMNS]
        parts += [_head(series, columns[0]), _runs(series.runs[-limit:], columns)]
        if len(series.runs) > limit:
            parts.append(Text(f"{len(series.runs) - limit} earlier runs are not shown (--limit)", style="dim"))
        parts += [Text(f"{printable(r.text)}, {r.between}", style="red") for r in findings]
        parts.append(Text())
    return Group(*parts[:-1]) if parts else Text("no runs")


def render_regressions(found: Found) -> RenderableType:
    """What got worse, newest last in each series: which figure, between which builds, in which layers."""
    parts: list[RenderableType] = []
    for series, findings in found:
        for finding in findings:
            parts += [
                Text(printable(series.title), style="bold"),
                Text(printable(finding.text), style="red"),
                Text(f"  {finding.between}"),
            ]
            if finding.changed:
                parts.append(Text(f"  changed: {printable('; '.join(finding.changed))}"))
            if isinstance(finding, Regression) and finding.layers:
                parts.append(_layers(finding))
            parts.append(Text())
    return Group(*parts[:-1]) if parts else Text("nothing got worse by more than the limit", style="green")


def _head(series: Series, metric: Metric) -> Text:
    values = [value for _, value in series.values(metric)]
    line = Text(printable(series.title), style="bold")
    if values:
        line.append(f"  {metric.label} {spark(values)} {metric.unit(series.finished[-1])}", style="not bold")
    return line


def spark(values: Sequence[float]) -> str:
    """The newest values as a line of blocks, from the smallest to the largest of them."""
    newest = values[-_SPARK:]
    low, high = min(newest), max(newest)
    if high == low:
        return _LEVELS[0] * len(newest)
    return "".join(_LEVELS[round((value - low) / (high - low) * (len(_LEVELS) - 1))] for value in newest)


def _runs(runs: Sequence[Run], columns: Sequence[Metric]) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    for name in ("when (UTC)", "build", "commit", "result"):
        table.add_column(name, no_wrap=True)
    for metric in columns:
        table.add_column(metric.name, justify="right", no_wrap=True)
    for run in runs:
        values = [(metric, run.figure(metric.name)) for metric in columns]
        table.add_row(
            run.at[:16].replace("T", " "), str(run.build_id or "")[:8], run.commit_text,
            Text(run.result, style=_STYLES[run.result]),
            *("" if value is None else metric.text(value, run) for metric, value in values),
        )  # fmt: skip
    return table


def _layers(regression: Regression) -> Table:
    unit = regression.metric.unit(regression.now)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("  layer", no_wrap=True)
    for name in ("before", "now", unit, "%"):
        table.add_column(name, justify="right", no_wrap=True)
    for change in regression.layers[:_LAYERS]:
        sides = ["" if v is None else regression.metric.text(v, regression.now) for v in (change.before, change.now)]
        percent = "" if change.percent is None else f"{change.percent:+.2f}"
        grown = regression.metric.text(abs(change.growth), regression.now)
        table.add_row(f"  {printable(change.label)}", *sides, ("+" if change.growth > 0 else "-") + grown, percent)
    if len(regression.layers) > _LAYERS:
        table.add_row(f"  {len(regression.layers) - _LAYERS} more changed less", "", "", "", "")
    return table
