"""Runs in order: those of one model, place and engine, and in them the stretches of one build each."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from tinykit.hil.history.metrics import Metric
from tinykit.hil.history.run import Run


@dataclass(frozen=True)
class Step:
    """Runs, one after the other, of the same build: at least one."""

    runs: tuple[Run, ...]

    @property
    def first(self) -> Run:
        return self.runs[0]

    @property
    def last(self) -> Run:
        return self.runs[-1]

    def value(self, metric: Metric) -> float | None:
        """Median of the runs' figures, as far as they can be compared with the last one's."""
        same = [run.figure(metric.name) for run in self.runs if metric.comparable(run, self.last)]
        values = [value for value in same if value is not None]
        return statistics.median(values) if values else None


@dataclass(frozen=True)
class Series:
    """All runs of a model at a place with an engine, by time; at least one."""

    runs: tuple[Run, ...]

    @property
    def last(self) -> Run:
        return self.runs[-1]

    @property
    def title(self) -> str:
        run = self.last
        return f"{run.model} on {run.place}" + (f" ({run.engine})" if run.engine != "aot" else "")

    @cached_property
    def finished(self) -> tuple[Run, ...]:
        """Runs that have figures."""
        return tuple(run for run in self.runs if run.result != "error")

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The builds in the order in which they were tested. A build that comes back is another step."""
        groups: list[list[Run]] = []
        for run in self.finished:
            if groups and groups[-1][0].build_id == run.build_id:
                groups[-1].append(run)
            else:
                groups.append([run])
        return tuple(Step(tuple(group)) for group in groups)

    def values(self, metric: Metric) -> list[tuple[Run, float]]:
        """Runs with their figures, as far as these can be compared with the newest."""
        found = [(run, run.figure(metric.name)) for run in self.finished]
        having = [(run, value) for run, value in found if value is not None]
        return [(run, value) for run, value in having if metric.comparable(run, having[-1][0])]


def series_of(runs: Iterable[Run]) -> list[Series]:
    """Runs, which come by time, sorted by model, place and engine."""
    groups: dict[tuple[str, str, str, str], list[Run]] = {}
    for run in runs:
        groups.setdefault((run.model, run.place, run.board, run.engine), []).append(run)
    return [Series(tuple(groups[key])) for key in sorted(groups)]
