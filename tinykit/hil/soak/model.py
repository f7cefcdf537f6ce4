"""What a soak test found."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any, Literal

from tinykit.hil.soak.trend import Trend, trend

SCHEMA = 1
SURE = 0.001
"""Chance below which a trend counts as one."""

IncidentKind = Literal["wrong", "restart", "error"]


@dataclass(frozen=True)
class Window:
    """A stretch of the test.

    Attributes:
        at: its end, seconds since the test began.
        inferences: how many it has; latencies are theirs, in the board's unit.
        stack: most of the stack ever in use, bytes; None where it is not known.
        wrong: outputs that differ.
        requests, retries, crc_errors: of the link.
    """

    at: float
    inferences: int
    latency_min: float
    latency_median: float
    latency_max: float
    arena: int
    stack: int | None
    wrong: int
    requests: int
    retries: int
    crc_errors: int


@dataclass(frozen=True)
class Incident:
    """Something that must not happen, ``at`` seconds since the test began, after ``inference`` inferences."""

    at: float
    kind: IncidentKind
    inference: int
    text: str


@dataclass
class Soak:
    """The whole test, also while it runs.

    Attributes:
        compared_with: what outputs are compared with.
        seconds: how long it took; ``asked``: how long it should.
        max_drift: share by which the latency may change in all.
        error: why it ended early; None while all is well.
        stopped: ended by the user.
    """

    model: str
    board: str
    build_id: str
    unit: str
    compared_with: str
    asked: float
    max_drift: float
    started: str
    seconds: float = 0.0
    inferences: int = 0
    wrong: int = 0
    boots: list[int] = field(default_factory=list)
    stack_size: int = 0
    windows: list[Window] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    error: str | None = None
    stopped: bool = False

    @property
    def restarts(self) -> int:
        return sum(incident.kind == "restart" for incident in self.incidents)

    def latency_trend(self) -> Trend | None:
        """Of the windows' medians; the first is left out, where caches and clocks settle."""
        return trend([w.at for w in self.windows[1:]], [w.latency_median for w in self.windows[1:]])

    def stack_growth(self) -> int | None:
        """Bytes that the stack's mark rose in the second half of the test; None where it is not known.

        A mark rises at first, until every path was taken; one that goes on rising has no end in sight. Where it
        falls the device restarted: the longest rise counts.
        """
        marks = [w.stack for w in self.windows if w.stack is not None]
        if not marks:
            return None
        late = marks[len(marks) // 2 :]
        best = rise = 0
        for before, after in pairwise(late):
            rise = rise + after - before if after >= before else 0
            best = max(best, rise)
        return best

    def failures(self) -> list[str]:
        """What makes the test fail, in words."""
        found = []
        if self.wrong:
            found.append(f"{self.wrong} of {self.inferences} outputs differ from {self.compared_with}")
        if self.restarts:
            found.append(f"the device restarted {self.restarts} time{'s' * (self.restarts > 1)}")
        latency = self.latency_trend()
        if latency is not None and latency.p < SURE and abs(latency.change) > self.max_drift:
            found.append(
                f"latency drifts: {100 * latency.change:+.1f} % over the test, "
                f"{latency.slope:+.4g} {self.unit} per hour"
            )
        growth = self.stack_growth()
        if growth:
            found.append(f"the stack's mark rose by {growth} bytes in the second half of the test")
        return found

    @property
    def result(self) -> Literal["pass", "fail", "error", "interrupted"]:
        """``interrupted``: stopped before its time. ``error``: the device did not come back, or not an inference was
        done."""
        if self.stopped:
            return "interrupted"
        if self.error is not None or not self.inferences:
            return "error"
        return "fail" if self.failures() else "pass"

    def to_json(self) -> dict[str, Any]:
        latency = self.latency_trend()
        return {
            "schema": SCHEMA,
            "result": self.result,
            **asdict(self),
            "restarts": self.restarts,
            "failures": self.failures(),
            "latency_trend": None if latency is None else latency.to_json(),
            "stack_growth": self.stack_growth(),
        }
