"""Benchmarks as one HTML file that needs nothing else: no script, no font, no network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tinykit.bench.peers import Peers
from tinykit.bench.row import Figures, Row
from tinykit.files import write_report
from tinykit.pages import page_environment

_WIDTH = 100.0
"""Of the longest bar, in the SVG's own units."""


@dataclass(frozen=True)
class Bar:
    """What one engine takes for a model.

    Attributes:
        width: of the longest bar of the board's models each is ``_WIDTH``.
        ratio: ours divided by this one's; None for ours.
    """

    engine: str
    latency: float
    width: float
    ratio: float | None


@dataclass(frozen=True)
class Line:
    """A model on a board, with a bar for each engine."""

    row: Row
    figures: Figures
    bars: list[Bar]


@dataclass(frozen=True)
class Section:
    """A board."""

    board: str
    core: str
    unit: str
    lines: list[Line]
    missing: list[Row]


def render_html(rows: Sequence[Row], peers: Peers) -> str:
    """The document. All text in it is escaped."""
    environment = page_environment("tinykit.bench", "tinykit.hil")
    boards = dict.fromkeys(row.board for row in rows)
    sections = [_section([row for row in rows if row.board == board], peers) for board in boards]
    return environment.get_template("report.html.j2").render(sections=sections)


def write_html(rows: Sequence[Row], peers: Peers, path: Path) -> None:
    """Write the page.

    Raises:
        InputError: the file cannot be written.
    """
    write_report(path, render_html(rows, peers), "--html")


def _section(rows: Sequence[Row], peers: Peers) -> Section:
    measured = [(row, row.figures) for row in rows if row.figures is not None]
    unit = measured[0][1].unit if measured else "instructions"
    lines = [Line(row, figures, _bars(row, figures, peers)) for row, figures in measured]
    return Section(rows[0].board, rows[0].core, unit, lines, [row for row in rows if row.figures is None])


def _bars(row: Row, figures: Figures, peers: Peers) -> list[Bar]:
    others = peers.of(row.core, row.model) if figures.unit == "instructions" else ()
    longest = max([figures.latency, *(peer.instructions for peer in others)])
    bars = [Bar("tinykit", figures.latency, figures.latency / longest * _WIDTH, None)]
    for peer in others:
        name = f"{peer.engine} {peer.kernels}"
        width = peer.instructions / longest * _WIDTH
        bars.append(Bar(name, peer.instructions, width, figures.latency / peer.instructions))
    return bars
