"""A compression as one HTML file that needs nothing else: no script, no font, no network."""

from __future__ import annotations

import functools
from pathlib import Path

import jinja2

from tinykit.compress.result import Compression
from tinykit.compress.terminal import comparisons
from tinykit.files import write_report
from tinykit.pages import page_environment

_WIDTH = 1000.0
"""Of every bar, in the SVG's own units."""


def render_html(result: Compression) -> str:
    """The document. All text of the report is escaped."""
    stages, first = result.stages, result.stages[0]
    figures: list[tuple[str, list[float]]] = [
        ("int8 .tflite, bytes", [float(s.int8_bytes) for s in stages]),
        ("after zlib, bytes", [float(s.packed_bytes) for s in stages]),
        ("MACs", [float(s.macs) for s in stages]),
    ]
    boards = [s.on_board for s in stages]
    if first.on_board is not None:
        unit, board = first.on_board.unit, first.on_board.board
        figures.append((f"{unit} on {board}", [b.value if b else 0.0 for b in boards]))
        figures.append((f"weights in flash of {board}, bytes", [float(b.weights) if b else 0.0 for b in boards]))
    charts = [
        {
            "name": name,
            "bars": [
                {"stage": stage, "value": value, "width": _WIDTH * value / (max(values) or 1.0)}
                for stage, value in zip(stages, values, strict=True)
            ],
        }
        for name, values in figures
    ]
    return (
        _environment()
        .get_template("report.html.j2")
        .render(r=result, first=first, last=stages[-1], charts=charts, compared=comparisons(first, stages[-1]))
    )


def write_html(result: Compression, path: Path) -> None:
    """Write the page.

    Raises:
        InputError: the file cannot be written.
    """
    write_report(path, render_html(result), "--html")


@functools.cache
def _environment() -> jinja2.Environment:
    return page_environment("tinykit.compress")
