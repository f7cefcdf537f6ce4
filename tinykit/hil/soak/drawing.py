"""Geometry of a soak test's picture: numbers in, points and labels out. The template draws them as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tinykit.hil.report.numbers import quantity
from tinykit.hil.soak.model import Soak

WIDTH, HEIGHT = 1000.0, 220.0
"""Of each chart, in the SVG's own units."""


@dataclass(frozen=True)
class Chart:
    """``line``: points of a polyline; ``band``: of a polygon around it, empty where there is none."""

    title: str
    top: str
    bottom: str
    line: str
    band: str


@dataclass(frozen=True)
class Picture:
    """``marks``: where incidents were, each with its kind and text; ``end``: what stands at the right end of time."""

    charts: list[Chart]
    marks: Sequence[tuple[float, str, str]]
    end: str


def picture(soak: Soak) -> Picture:
    """Latency (median, and the band from the shortest to the longest) and stack over time."""
    end = max(soak.seconds, 1e-9)
    times = [WIDTH * min(1.0, w.at / end) for w in soak.windows]
    charts = []
    if soak.windows:
        low = [w.latency_min for w in soak.windows]
        high = [w.latency_max for w in soak.windows]
        middle = [w.latency_median for w in soak.windows]
        charts.append(_chart("latency: median, shortest to longest", soak.unit, times, middle, low, high))
    known = [(x, float(w.stack)) for x, w in zip(times, soak.windows, strict=True) if w.stack is not None]
    if known:
        marks = [stack for _, stack in known]
        charts.append(_chart("stack: most ever in use", "bytes", [x for x, _ in known], marks, [], []))
    at = [(WIDTH * min(1.0, i.at / end), i.kind, i.text) for i in soak.incidents]
    return Picture(charts, at, f"{soak.seconds / 3600:.4g} h")


def _chart(
    title: str, unit: str, x: Sequence[float], y: Sequence[float], low: Sequence[float], high: Sequence[float]
) -> Chart:
    bottom, top = min([*y, *low]), max([*y, *high])
    span = (top - bottom) or 1.0

    def points(values: Sequence[float]) -> list[str]:
        return [f"{a:.1f},{HEIGHT * (1 - (b - bottom) / span):.1f}" for a, b in zip(x, values, strict=True)]

    band = " ".join([*points(high), *reversed(points(low))]) if low else ""
    return Chart(title, quantity(top, unit), quantity(bottom, unit), " ".join(points(y)), band)
