"""Series of a history as one HTML file that needs nothing else: no script, no font, no network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tinykit.files import write_report
from tinykit.hil.history import drawing
from tinykit.hil.history.regression import grouped
from tinykit.hil.history.report import Found
from tinykit.hil.report.html import environment

_LISTED = 50
"""Runs of a series in its table, the newest."""
SIZE = {
    "width": drawing.WIDTH,
    "height": drawing.HEIGHT,
    "left": drawing.LEFT,
    "right": drawing.WIDTH - drawing.RIGHT,
    "top": drawing.TOP,
    "bottom": drawing.HEIGHT - drawing.BOTTOM,
}


def render_history(found: Found, metrics: Sequence[str] = (), back: str | None = None) -> str:
    """The document. All text of the history is escaped.

    Args:
        metrics: the figures with a plot; all by default.
        back: page that it belongs to.
    """
    parts = [
        {
            "series": series,
            "plots": drawing.trends(series, findings, metrics),
            "groups": [[(f, drawing.layer_bars(f)) for f in group] for group in grouped(findings)],
            "runs": series.runs[: -_LISTED - 1 : -1],
            "more": max(0, len(series.runs) - _LISTED),
        }
        for series, findings in found
    ]
    return environment().get_template("history.html.j2").render(parts=parts, size=SIZE, back=back)


def write_history(found: Found, path: Path, metrics: Sequence[str] = ()) -> None:
    """Write the page.

    Raises:
        InputError: the file cannot be written.
    """
    write_report(path, render_history(found, metrics), "--html")
