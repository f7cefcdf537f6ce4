"""Between which two builds a figure got worse, what else changed between them, and by how much in which layer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from tinykit.hil.history.metrics import METRICS, Metric
from tinykit.hil.history.run import Run
from tinykit.hil.history.series import Series, Step
from tinykit.hil.history.store import History

_SUSPECTS = (
    ("model_sha256", "model file"),
    ("tinykit", "tinykit"),
    ("compiler", "compiler"),
    ("flags", "flags"),
    ("commit", "commit"),
)
_LONG = 12
"""Letters of a hash that are shown."""


@dataclass(frozen=True)
class LayerChange:
    """A layer's latency in a run of either build; None on the side that has no layer of this label."""

    label: str
    before: float | None
    now: float | None

    @property
    def growth(self) -> float:
        return (self.now or 0.0) - (self.before or 0.0)

    @property
    def percent(self) -> float | None:
        return 100.0 * self.growth / self.before if self.before and self.now is not None else None


@dataclass(frozen=True)
class Regression:
    """A figure that got worse from one build to the next.

    Attributes:
        before: the last run of the last good build; ``now``: the first run of the first bad one.
        value_before, value_now: medians over the runs of each build.
        loss: by how many percent it got worse between these two builds.
        total: the same since the best build before, of which ``best`` is the last run; a figure that creeps gets
            beyond the limit in steps of which each is small.
        layers: of latency: every layer that changed, what grew most first.
    """

    metric: Metric
    before: Run
    now: Run
    value_before: float
    value_now: float
    loss: float
    best: Run
    total: float
    layers: tuple[LayerChange, ...] = ()

    @property
    def changed(self) -> list[str]:
        """What differs between the two builds, in words."""
        return [
            f"{label} {_short(old)} -> {_short(new)}"
            for name, label in _SUSPECTS
            if (old := _fact(self.before, name)) != (new := _fact(self.now, name))
        ]

    @property
    def text(self) -> str:
        """In one line."""
        m = self.metric
        line = (
            f"{m.label} got {self.loss:.2f} % worse: {m.text(self.value_before, self.before)} -> "
            f"{m.text(self.value_now, self.now)} {m.unit(self.now)}"
        )
        if self.best.build_id != self.before.build_id:
            line += f", {self.total:.2f} % in all since build {str(self.best.build_id)[:_LONG]}"
        return line

    @property
    def between(self) -> str:
        """The two builds."""
        return f"between build {_build(self.before)} and build {_build(self.now)}"


def regressions_of(
    series: Series, max_regress: float, history: History | None = None, metrics: Collection[str] = tuple(METRICS)
) -> list[Regression]:
    """Every step of a series at which a figure was, for the first time, beyond the limit.

    Args:
        max_regress: percent by which a figure may be worse than that of the best build before.
        history: where the layers are looked up; without it there are none.

    Raises:
        InputError: the history cannot be read.
    """
    found = []
    for name in METRICS:
        if name in metrics:
            found += _of_metric(series.steps, METRICS[name], max_regress)
    found.sort(key=lambda regression: regression.now.at)
    if history is None:
        return found
    return [with_layers(regression, history) for regression in found]


def _of_metric(steps: tuple[Step, ...], metric: Metric, limit: float) -> list[Regression]:
    found: list[Regression] = []
    best: tuple[Step, float] | None = None
    before: tuple[Step, float] | None = None
    for step in steps:
        value = step.value(metric)
        if value is None:
            continue
        if best is None or before is None or not metric.comparable(before[0].last, step.last):
            best = before = (step, value)
            continue
        total = metric.loss(best[1], value, step.last)
        if total > limit:
            loss = metric.loss(before[1], value, step.last)
            found.append(Regression(metric, before[0].last, step.first, before[1], value, loss, best[0].last, total))
            best = (step, value)  # from here on this is how it is: it is told once
        elif total <= 0:
            best = (step, value)
        before = (step, value)
    return found


def with_layers(regression: Regression, history: History) -> Regression:
    """The same with the change of each layer, for latency."""
    if regression.metric.name != "latency" or regression.before.number is None or regression.now.number is None:
        return regression
    before = _layers(history.report(regression.before.number))
    now = _layers(history.report(regression.now.number))
    changes = [LayerChange(label, before.get(label), now.get(label)) for label in {**before, **now}]
    changes = [change for change in changes if change.growth != 0]
    changes.sort(key=lambda change: -change.growth)
    return Regression(**{**vars(regression), "layers": tuple(changes)})


def _layers(report: dict[str, Any] | None) -> Mapping[str, float]:
    """Latencies by label; of a kept report that is not as tinykit writes them, what can be understood."""
    latency = (report or {}).get("latency")
    layers = latency.get("layers") if isinstance(latency, dict) else None
    return {
        str(layer.get("label")): float(layer["value"])
        for layer in (layers if isinstance(layers, list) else ())
        if isinstance(layer, dict) and isinstance(layer.get("value"), (int, float))
    }


def _fact(run: Run, name: str) -> str:
    return run.commit_text if name == "commit" else str(getattr(run, name) or "")


def _build(run: Run) -> str:
    commit = f" at commit {run.commit_text}" if run.commit else ""
    return f"{str(run.build_id)[:_LONG]} ({run.at[:16].replace('T', ' ')} UTC{commit})"


def _short(text: str) -> str:
    """A hash by its first letters."""
    return text[:_LONG] if len(text) == 64 else text or "none"
