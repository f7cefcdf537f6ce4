"""Geometry of a history's plots: runs in, positions and labels out. The templates draw them as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tinykit.hil.history.metrics import METRICS, Metric
from tinykit.hil.history.regression import Finding, Regression
from tinykit.hil.history.run import Run
from tinykit.hil.history.series import Series
from tinykit.hil.report.axis import Axis, Tick

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 520.0, 200.0, 84.0, 14.0, 22.0, 26.0
"""Of a plot and its margins, in the SVG's own units."""
SHOWN = 200
"""Runs in a plot; more would lie over each other."""
SPARK_WIDTH, SPARK_HEIGHT = 110.0, 24.0
_SPARKED = 40


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    result: str
    worse: bool
    """The first run of a build that is a regression."""
    title: str


@dataclass(frozen=True)
class Mark:
    """Where a figure got worse."""

    x: float
    text: str
    anchor: str


@dataclass(frozen=True)
class Trend:
    """One figure over the runs.

    Attributes:
        builds: where, between two runs, the build changes.
        first, last: dates of the first and the last run that are shown.
        left_out: earlier runs that are not.
    """

    metric: Metric
    newest: str
    dots: list[Dot]
    line: str
    builds: list[float]
    marks: list[Mark]
    up: list[Tick]
    first: str
    last: str
    left_out: int


@dataclass(frozen=True)
class Spark:
    """A small line without axes: ``path``, and where it ends."""

    path: str
    x: float
    y: float
    title: str


def trends(series: Series, findings: Sequence[Finding], names: Sequence[str] = ()) -> list[Trend]:
    """A plot for each figure that there is; ``names`` chooses."""
    found = []
    for name in names or tuple(METRICS):
        values = series.values(METRICS[name])
        if values:
            worse = [f for f in findings if isinstance(f, Regression) and f.metric.name == name]
            found.append(_trend(METRICS[name], values, worse))
    return found


def _trend(metric: Metric, values: Sequence[tuple[Run, float]], regressions: Sequence[Regression]) -> Trend:
    shown = values[-SHOWN:]
    up = Axis([value for _, value in shown], HEIGHT - BOTTOM, TOP)
    newest, last = shown[-1]
    losses = {r.now.number: r for r in regressions}
    dots: list[Dot] = []
    builds: list[float] = []
    marks: list[Mark] = []
    for index, (run, value) in enumerate(shown):
        x = _at(index, len(shown))
        if index and run.build_id != shown[index - 1][0].build_id:
            builds.append((x + dots[-1].x) / 2)
        loss = losses.get(run.number)
        if loss is not None:
            marks.append(Mark(x, f"{loss.loss:.1f} % worse", "end" if x > WIDTH / 2 else "start"))
        title = f"{metric.full(value, run)}; {_words(run)}"
        dots.append(Dot(x, up.at(value), run.result, loss is not None, title))
    path = "".join(f"{'L' if i else 'M'}{dot.x:.1f} {dot.y:.1f}" for i, dot in enumerate(dots))
    return Trend(
        metric, metric.full(last, newest), dots, path, builds, marks,
        up.ticks(lambda value: metric.text(value, newest)),
        shown[0][0].at[:10], newest.at[:10], len(values) - len(shown),
    )  # fmt: skip


def _at(index: int, count: int) -> float:
    """Runs side by side, as far apart as there is room; a single one in the middle."""
    left, right = LEFT + 10, WIDTH - RIGHT - 10
    return (left + right) / 2 if count == 1 else left + (right - left) * index / (count - 1)


def _words(run: Run) -> str:
    commit = f", commit {run.commit_text}" if run.commit else ""
    return f"{run.result}, build {str(run.build_id)[:12]}{commit}, {run.at[:16].replace('T', ' ')} UTC"


def sparkline(series: Series, name: str) -> Spark | None:
    """How a figure went in the newest runs; None where there are fewer than two."""
    metric = METRICS[name]
    values = series.values(metric)[-_SPARKED:]
    if len(values) < 2:
        return None
    up = Axis([value for _, value in values], SPARK_HEIGHT - 3, 3)
    step = (SPARK_WIDTH - 8) / (len(values) - 1)
    points = [(4 + step * index, up.at(value)) for index, (_, value) in enumerate(values)]
    path = "".join(f"{'L' if i else 'M'}{x:.1f} {y:.1f}" for i, (x, y) in enumerate(points))
    (first, old), (last, new) = values[0], values[-1]
    title = f"{metric.label}: {metric.text(old, first)} to {metric.text(new, last)} {metric.unit(last)}"
    return Spark(path, *points[-1], f"{title} in {len(values)} runs")


@dataclass(frozen=True)
class LayerBar:
    """A layer's change: a bar to the right of the middle if it got slower, to the left if faster; 0 to 1000."""

    label: str
    before: str
    now: str
    percent: str
    slower: bool
    x: float
    width: float


def layer_bars(regression: Finding) -> list[LayerBar]:
    """One for each layer that changed; none of outputs."""
    if not isinstance(regression, Regression):
        return []
    largest = max((abs(change.growth) for change in regression.layers), default=0.0) or 1.0
    bars = []
    for change in regression.layers:
        width = 500 * abs(change.growth) / largest
        sides = ["" if v is None else regression.metric.text(v, regression.now) for v in (change.before, change.now)]
        bars.append(
            LayerBar(
                change.label, sides[0], sides[1], "" if change.percent is None else f"{change.percent:+.2f} %",
                change.growth > 0, 500.0 if change.growth > 0 else 500 - width, width,
            )
        )  # fmt: skip
    return bars
