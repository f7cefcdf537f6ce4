"""A history as JSON values. docs/history.md describes them key by key."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from tinykit.hil.history.metrics import METRICS
from tinykit.hil.history.regression import Finding, OutputChange
from tinykit.hil.history.run import Run
from tinykit.hil.history.series import Series
from tinykit.hil.report.write import finite

SCHEMA = 1

Found = Sequence[tuple[Series, list[Finding]]]
"""Series with what got worse in them."""


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
                "regressions": [finite(_finding(finding)) for finding in findings],
            }
            for series, findings in found
        ],
    }
    return values


def _finding(finding: Finding) -> dict[str, Any]:
    if isinstance(finding, OutputChange):
        return {
            "metric": "outputs",
            "before": _end(finding.before),
            "now": _end(finding.now),
            "first_layer": finding.first,
            "changed": finding.changed,
        }
    return {
        "metric": finding.metric.name,
        "unit": finding.metric.unit(finding.now),
        "before": {**_end(finding.before), "value": finding.value_before},
        "now": {**_end(finding.now), "value": finding.value_now},
        "percent": finding.loss,
        "best_build": finding.best.build_id,
        "percent_since_best": finding.total,
        "changed": finding.changed,
        "layers": [{"label": c.label, "before": c.before, "now": c.now, "percent": c.percent} for c in finding.layers],
    }


def _end(run: Run) -> dict[str, Any]:
    return {"number": run.number, "at": run.at, "build_id": run.build_id, "commit": run.commit, "dirty": run.dirty}
