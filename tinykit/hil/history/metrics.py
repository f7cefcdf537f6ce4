"""Figures that a history follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tinykit.hil.report.numbers import number

if TYPE_CHECKING:
    from tinykit.hil.history.run import Run


@dataclass(frozen=True)
class Metric:
    """One figure.

    Attributes:
        name: in options, JSON and the database.
        key: where it is in a report.
        conditions: facts of a run that must be equal for two figures to be comparable.
    """

    name: str
    label: str
    key: tuple[str, str]
    conditions: tuple[str, ...] = ()

    def unit(self, run: Run) -> str:
        """What its figures are counted in."""
        if self.name == "latency":
            return run.unit or ""
        if self.name == "energy":
            return "J"
        return (run.metric or "") if self.name == "accuracy" else "B"

    def text(self, value: float, run: Run) -> str:
        """A figure for people, without its unit."""
        if self.name == "latency":
            return number(value, run.unit or "")
        return f"{value:.4g}" if self.name in ("accuracy", "energy") else f"{value:,.0f}"

    def full(self, value: float, run: Run) -> str:
        """A figure with its unit: "110.5 us", "top1 0.9"."""
        words = [self.text(value, run), self.unit(run)]
        return " ".join(reversed(words) if self.name == "accuracy" else words)

    def comparable(self, one: Run, other: Run) -> bool:
        return all(getattr(one, name) == getattr(other, name) for name in self.conditions)

    def loss(self, before: float, now: float, run: Run) -> float:
        """By how many percent of ``before`` it got worse; negative if it got better."""
        grown = now - before
        if self.name == "accuracy" and run.metric != "mse":  # the one metric of which less is better
            grown = -grown
        if grown == 0:
            return 0.0
        return 100.0 * grown / abs(before) if before else (float("inf") if grown > 0 else float("-inf"))


METRICS = {
    metric.name: metric
    for metric in (
        Metric("latency", "latency (median)", ("latency", "p50"), ("unit", "source")),
        Metric("flash", "flash", ("memory", "flash")),
        Metric("arena", "arena", ("memory", "arena")),
        Metric("ram", "static RAM", ("memory", "static_ram")),
        Metric("stack", "stack", ("memory", "stack")),
        Metric("accuracy", "accuracy", ("accuracy", "device"), ("metric", "data_sha256", "samples")),
        Metric("energy", "energy per inference", ("energy", "joules"), ("energy_sync",)),
    )
}
