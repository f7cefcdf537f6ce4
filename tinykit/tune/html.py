"""A search as one HTML file that needs nothing else: no script, no font, no network."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from pathlib import Path

import jinja2

from tinykit.files import write_report
from tinykit.hil.report.axis import Axis, Tick
from tinykit.pages import page_environment
from tinykit.tune.point import Point
from tinykit.tune.result import Search
from tinykit.tune.words import accuracy, sentences, whole

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP, _RIGHT = 520.0, 330.0, 62.0, 44.0, 14.0, 16.0
"""Of a plot and its margins, in the SVG's own units."""


@dataclass(frozen=True)
class Dot:
    """A trial in a plot."""

    x: float
    y: float
    front: bool
    title: str


@dataclass(frozen=True)
class Plot:
    """Accuracy over one cost.

    Attributes:
        line: the points of the steps along which this cost alone would make a front.
        hand: where the model made by hand is.
    """

    title: str
    label: str
    dots: list[Dot]
    line: str
    hand: Dot | None
    across: list[Tick]
    up: list[Tick]


def render_html(search: Search) -> str:
    """The document. All text of the report is escaped."""
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            s=search,
            plots=_plots(search),
            told=sentences(search),
            front=search.front,
            unit=next((t.point.unit for t in search.trials if t.point), "latency"),
            metric=next((t.point.metric for t in search.trials if t.point), "accuracy"),
            size={"width": _WIDTH, "height": _HEIGHT, "left": _LEFT, "bottom": _HEIGHT - _BOTTOM,
                  "top": _TOP, "right": _WIDTH - _RIGHT},
        )
    )  # fmt: skip


def write_html(search: Search, path: Path) -> None:
    """Write the page.

    Raises:
        InputError: the file cannot be written.
    """
    write_report(path, render_html(search), "--out")


def _plots(search: Search) -> list[Plot]:
    points = [(trial, trial.point) for trial in search.trials if trial.point is not None]
    if not points:
        return []
    by_hand = None if search.against is None else search.against.point
    everything = [point for _, point in points] + ([by_hand] if by_hand else [])
    unit = everything[0].unit
    plots = []
    up = Axis([p.accuracy for p in everything], _HEIGHT - _BOTTOM, _TOP)
    for name, label in (("flash", "flash, bytes"), ("ram", "RAM, bytes"), ("latency", f"latency, {unit}")):
        across = Axis([float(getattr(p, name)) for p in everything], _LEFT, _WIDTH - _RIGHT)

        def dot(point: Point, front: bool, title: str, axis: Axis = across, cost: str = name) -> Dot:
            return Dot(axis.at(float(getattr(point, cost))), up.at(point.accuracy), front, title)

        dots = [dot(p, t.front, f"trial {t.number}: {t.label}; {_figures(p)}") for t, p in points]
        hand = None if by_hand is None else dot(by_hand, False, f"made by hand; {_figures(by_hand)}")
        plots.append(
            Plot(f"Accuracy and {label.split(',')[0]}", label, sorted(dots, key=lambda d: d.front),
                 _steps(dots), hand, across.ticks(whole), up.ticks(lambda v: f"{v:.3g}"))
        )  # fmt: skip
    return plots


def _steps(dots: list[Dot]) -> str:
    """Along the best accuracy that each cost buys, as an SVG path; y grows downwards."""
    path: list[str] = []
    best = math.inf
    for dot in sorted(dots, key=lambda d: (d.x, d.y)):
        if dot.y < best:
            path.append(f"M{dot.x:.1f} {dot.y:.1f}" if not path else f"H{dot.x:.1f}V{dot.y:.1f}")
            best = dot.y
    return "".join(path) + f"H{_WIDTH - _RIGHT:.1f}"


def _figures(point: Point) -> str:
    return (
        f"{accuracy(point)} {point.metric}, flash {whole(point.flash)} B, RAM {whole(point.ram)} B, "
        f"{whole(point.latency)} {point.unit}"
    )


@functools.cache
def _environment() -> jinja2.Environment:
    environment = page_environment("tinykit.tune", "tinykit.hil")
    environment.filters.update(accuracy=accuracy, whole=whole)
    return environment
