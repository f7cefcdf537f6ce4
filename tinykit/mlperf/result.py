"""What a run found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from tinykit.board import Counter
from tinykit.firmware.mlperf import MlperfId
from tinykit.mlperf.rules import LEAST_US, Loop, Metric, median_us

SCHEMA = 1
Clock = Literal["hardware", "operating system", "emulator"]


@dataclass(frozen=True)
class Performance:
    """Performance mode.

    Attributes:
        clock: what the device's microseconds are of. An emulator's clock advances with instructions: its microseconds
            say how many there were, and nothing of the time that hardware would take.
        instructions_per_us: of an emulator's clock; None elsewhere.
    """

    loops: tuple[Loop, ...]
    clock: Clock
    instructions_per_us: float | None

    @property
    def median_us(self) -> float:
        """Microseconds of the clock for an inference."""
        return median_us(self.loops)

    @property
    def throughput(self) -> float:
        """Inferences in a second of the clock."""
        return 1e6 / self.median_us if self.median_us else 0.0

    @property
    def instructions(self) -> float | None:
        """For an inference; None where the clock counts none."""
        return None if self.instructions_per_us is None else self.median_us * self.instructions_per_us

    @property
    def valid(self) -> bool:
        """Whether every loop is long enough by the rules, and the clock ran."""
        return all(loop.long_enough and loop.elapsed_us > 0 for loop in self.loops)


@dataclass(frozen=True)
class Accuracy:
    """Accuracy mode: the metric over ``samples`` samples of ``data``; ``right`` of them, where it counts answers.

    ``ties``: samples with several results as large as the largest; None where answers are not counted.
    """

    metric: Metric
    value: float
    floor: float | None
    samples: int
    right: int | None
    data: str
    ties: int | None = None

    @property
    def passed(self) -> bool:
        """Whether the floor is reached."""
        return self.floor is None or self.value >= self.floor


@dataclass(frozen=True)
class MlperfResult:
    """A whole run; a mode that was not asked for is None.

    Attributes:
        device, profile: what the firmware calls its board and itself.
    """

    model: MlperfId
    model_name: str
    board: str
    engine: str
    build_id: str
    device: str
    profile: str
    performance: Performance | None = None
    accuracy: Accuracy | None = None

    @property
    def failures(self) -> tuple[str, ...]:
        """What is not as the rules want it; empty when all is."""
        found = []
        if self.performance is not None and not self.performance.valid:
            found.append("performance: a loop was shorter than 10 s and 10 inferences, or the device's clock stood")
        if self.accuracy is not None and not self.accuracy.passed:
            assert self.accuracy.floor is not None
            found.append(f"{self.accuracy.metric} is {self.accuracy.value:.4g}, below {self.accuracy.floor:g}")
        return tuple(found)

    def to_json(self) -> dict[str, Any]:
        """results.json as a value (docs/mlperf.md)."""
        return {
            "schema": SCHEMA,
            "result": "fail" if self.failures else "pass",
            "failures": list(self.failures),
            "model": {"id": self.model, "name": self.model_name},
            "board": self.board,
            "engine": self.engine,
            "build_id": self.build_id,
            "device": {"name": self.device, "profile": self.profile},
            "performance": None if self.performance is None else _performance(self.performance),
            "accuracy": None if self.accuracy is None else _accuracy(self.accuracy),
        }


def clock_of(counter: Counter) -> tuple[Clock, float | None]:
    """What the microseconds of a board's firmware are of, and how many instructions are in one of an emulator's."""
    if counter.unit == "instructions":
        return "emulator", counter.value_exact(counter.hz) / 1e6
    return ("hardware" if counter.unit == "cycles" else "operating system"), None


def _performance(found: Performance) -> dict[str, Any]:
    return {
        "clock": found.clock,
        "instructions_per_us": found.instructions_per_us,
        "median_us": found.median_us,
        "inferences_per_second": found.throughput,
        "instructions": found.instructions,
        "loops": [
            {
                "inferences": loop.inferences,
                "warmups": loop.warmups,
                "elapsed_us": loop.elapsed_us,
                "us_per_inference": loop.us_per_inference,
                "at_least_10_s": loop.elapsed_us >= LEAST_US,
            }
            for loop in found.loops
        ],
    }


def _accuracy(found: Accuracy) -> dict[str, Any]:
    return {
        "metric": found.metric,
        "value": found.value,
        "floor": found.floor,
        "samples": found.samples,
        "right": found.right,
        "ties": found.ties,
        "data": found.data,
    }
