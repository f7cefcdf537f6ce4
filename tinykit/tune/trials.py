"""Which of a study's trials count."""

from __future__ import annotations

from typing import Any, Literal

POINT, WHY, OUTCOME, SECONDS, WORKER, TFLITE, CARBON = (
    f"tinykit:{name}" for name in ("point", "why", "outcome", "seconds", "worker", "tflite", "carbon")
)
"""Names of what is kept with a trial."""

Outcome = Literal["done", "impossible", "failed", "pruned"]
"""It has figures; board or compiler cannot have the model; the user's function raised; it gave up by itself."""


def counted(trial: Any) -> bool:
    """Whether an optuna.FrozenTrial is finished and one of those that were asked for.

    One that failed was lost with its worker, or turned out to be the same as another: it does not count.
    """
    return trial.state.name in ("COMPLETE", "PRUNED")


def taken(trial: Any) -> bool:
    """Whether a trial counts, or will if nothing happens to its worker."""
    return counted(trial) or trial.state.name == "RUNNING"
