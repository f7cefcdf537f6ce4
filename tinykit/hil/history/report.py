"""A history as JSON values. docs/history.md describes them key by key."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from tinykit.hil.history.metrics import METRICS
from tinykit.hil.history.regression import Regression
from tinykit.hil.history.run import Run
from tinykit.hil.history.series import Series
from tinykit.hil.report.write import finite

SCHEMA = 1

Found = Sequence[tuple[Series, list[Regression]]]
"""Series with their regressions."""


def to_json(url: str, found: Found, metrics: Collection[str] = tuple(METRICS)) -> dict[str, Any]:
    """Series, their runs with the figures of ``metrics``, and their regressions."""
    left_out = {"model", "board", "place", "engine", *METRICS} - set(metrics)
    values: dict[str, Any] = {
        "schema": SCHEMA,
        "history": url,
        "series": [
            {
                "model": series.last.model,
                "board": series.last.board,
                "place": series.last.place,
                "engine": series.last.engine,
                "runs": [
                    run.model_dump(exclude={"model", "board", "place", "engine", *left_out}) for run in series.runs
                ],
                "regressions": [finite(_regression(regression)) for regression in regressions],
            }
            for series, regressions in found
        ],
    }
    return values


def _regression(regression: Regression) -> dict[str, Any]:
    return {
        "metric": regression.metric.name,
        "unit": regression.metric.unit(regression.now),
        "before": _end(regression.before, regression.value_before),
        "now": _end(regression.now, regression.value_now),
        "percent": regression.loss,
        "best_build": regression.best.build_id,
        "percent_since_best": regression.total,
        "changed": regression.changed,
        "layers": [
            {"label": c.label, "before": c.before, "now": c.now, "percent": c.percent} for c in regression.layers
        ],
    }


def _end(run: Run, value: float) -> dict[str, Any]:
    return {
        "number": run.number,
        "at": run.at,
        "build_id": run.build_id,
        "commit": run.commit,
        "dirty": run.dirty,
        "value": value,
    }
