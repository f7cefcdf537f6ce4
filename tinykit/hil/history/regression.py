"""Between which two builds a figure got worse, what else changed between them, and by how much in which layer."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from tinykit.hil.baseline import first_difference, layer_facts
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
class _Between:
    """Two runs, between which something happened: the last good one, and the first bad one."""

    before: Run
    now: Run

    @property
    def between(self) -> str:
        """The two builds."""
        return f"between build {_build(self.before)} and build {_build(self.now)}"

    @property
    def changed(self) -> list[str]:
        """What differs between the two builds, in words."""
        return [
            f"{label} {_short(old)} -> {_short(new)}"
            for name, label in _SUSPECTS
            if (old := _fact(self.before, name)) != (new := _fact(self.now, name))
        ]


@dataclass(frozen=True)
class Regression(_Between):
    """A figure that got worse from one build to the next; ``before`` and ``now`` are runs of the two.

    Attributes:
        value_before, value_now: medians over the runs of each build.
        loss: by how many percent it got worse between these two builds.
        total: the same since the best build before, of which ``best`` is the last run; a figure that creeps gets
            beyond the limit in steps of which each is small.
        layers: of latency: every layer that changed, what grew most first.
    """

    metric: Metric
    value_before: float
    value_now: float
    loss: float
    best: Run
    total: float
    layers: tuple[LayerChange, ...] = ()

    @property
    def short(self) -> str:
        return f"{self.metric.name} {self.loss:.1f} % worse"

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


@dataclass(frozen=True)
class OutputChange(_Between):
    """Outputs that are no longer those of the run before, of the same model for the same samples.

    Attributes:
        first: the first layer whose output for the last sample differs, if that is known.
    """

    first: str | None = None

    @property
    def short(self) -> str:
        return "outputs changed"

    @property
    def text(self) -> str:
        """In one line."""
        return "outputs changed" + ("" if self.first is None else f"; the first layer that differs is {self.first}")


Finding = Regression | OutputChange


def findings_of(
    series: Series, max_regress: float, history: History | None = None, metrics: Collection[str] = ()
) -> list[Finding]:
    """Everything that got worse in a series, by time: figures beyond the limit, and outputs that changed.

    Args:
        metrics: look at these figures only, and not at outputs; at all of it if there are none.
        max_regress, history: as for ``regressions_of``.

    Raises:
        InputError: the history cannot be read.
    """
    found: list[Finding] = [*regressions_of(series, max_regress, history, metrics or tuple(METRICS))]
    if not metrics:
        found += output_changes(series, history)
    return sorted(found, key=lambda finding: finding.now.at)


def grouped(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Findings between the same two runs together, newest first."""
    groups: dict[tuple[int | None, int | None], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.before.number, finding.now.number), []).append(finding)
    return sorted(groups.values(), key=lambda group: group[0].now.at, reverse=True)


def output_changes(series: Series, history: History | None = None) -> list[OutputChange]:
    """Every run whose outputs are not those of the run before. Arguments and errors: as for ``findings_of``."""
    found = []
    for before, now in itertools.pairwise(run for run in series.finished if run.outputs_sha256 is not None):
        if before.outputs_sha256 != now.outputs_sha256 and _same_test(before, now):
            reports = [_report(history, run) for run in (now, before)]
            found.append(OutputChange(before, now, first_difference(*reports)))
    return found


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
            found.append(Regression(before[0].last, step.first, metric, before[1], value, loss, best[0].last, total))
            best = (step, value)  # from here on this is how it is: it is told once
        elif total <= 0:
            best = (step, value)
        before = (step, value)
    return found


def with_layers(regression: Regression, history: History) -> Regression:
    """The same with the change of each layer, for latency."""
    if regression.metric.name != "latency":
        return regression
    before, now = (
        layer_facts(_report(history, run), "value", (int, float)) for run in (regression.before, regression.now)
    )
    changes = [LayerChange(label, before.get(label), now.get(label)) for label in {**before, **now}]
    changes = [change for change in changes if change.growth != 0]
    changes.sort(key=lambda change: -change.growth)
    return Regression(**{**vars(regression), "layers": tuple(changes)})


def _report(history: History | None, run: Run) -> dict[str, Any]:
    """The run's report; nothing in it where there is none."""
    return {} if history is None or run.number is None else history.report(run.number) or {}


def _same_test(one: Run, other: Run) -> bool:
    """Whether both ran the same model on the same samples."""
    return all(getattr(one, name) == getattr(other, name) for name in ("model_sha256", "data_sha256", "samples"))


def _fact(run: Run, name: str) -> str:
    return run.commit_text if name == "commit" else str(getattr(run, name) or "")


def _build(run: Run) -> str:
    commit = f" at commit {run.commit_text}" if run.commit else ""
    return f"{str(run.build_id)[:_LONG]} ({run.at[:16].replace('T', ' ')} UTC{commit})"


def _short(text: str) -> str:
    """A hash by its first letters."""
    return text[:_LONG] if len(text) == 64 else text or "none"
