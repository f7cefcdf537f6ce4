"""The benchmark's rules: https://github.com/mlcommons/tiny, its rules and its runner's tests_performance.yaml."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tinykit.firmware.mlperf import MlperfId

Metric = Literal["top1", "auc"]

LOOPS = 5
LEAST_US = 10_000_000
LEAST_INFERENCES = 10


@dataclass(frozen=True)
class Rule:
    """Of one model.

    Attributes:
        inferences, warmups: in each loop of performance mode.
        metric: of accuracy mode: right answers, or area under the ROC curve of the error.
        floor: of the metric; None: the benchmark has none for single inferences.
    """

    inferences: int
    warmups: int
    metric: Metric
    floor: float | None


RULES: dict[MlperfId, Rule] = {
    "ad01": Rule(1500, 10, "auc", 0.85),
    "ic01": Rule(20, 5, "top1", 0.85),
    "kws01": Rule(70, 10, "top1", 0.90),
    "vww01": Rule(20, 5, "top1", 0.80),
    # The streaming test needs audio hardware; as a model by itself it is timed like the other wake-word model.
    "sww01": Rule(70, 10, "top1", None),
}


@dataclass(frozen=True)
class Loop:
    """One loop of performance mode: counted inferences, and microseconds of the device's clock for all of them."""

    inferences: int
    warmups: int
    elapsed_us: int

    @property
    def us_per_inference(self) -> float:
        """Microseconds."""
        return self.elapsed_us / self.inferences

    @property
    def long_enough(self) -> bool:
        """At least 10 s or 10 inferences."""
        return self.elapsed_us >= LEAST_US or self.inferences >= LEAST_INFERENCES


def median_us(loops: Sequence[Loop]) -> float:
    """Median of the loops' microseconds for an inference; that of their throughputs is its inverse."""
    return statistics.median(loop.us_per_inference for loop in loops)
