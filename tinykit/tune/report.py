"""A search as JSON: docs/tune.md describes it key by key."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from tinykit.tune.result import Search, Trial
from tinykit.tune.run import model_name

SCHEMA = 1


def to_json(search: Search) -> dict[str, Any]:
    """The JSON form. Every number is finite."""
    return {
        "schema": SCHEMA,
        "study": search.study,
        "storage": search.storage,
        "settings": search.settings.to_json(),
        "total": search.total,
        "complete": search.complete,
        "running": search.running,
        "trials": [_trial(trial) for trial in search.trials],
        "front": [trial.number for trial in search.front],
        "against": None
        if search.against is None
        else {"source": search.against.source, "point": asdict(search.against.point), "better": list(search.better)},
        "carbon": None if search.carbon is None else {**asdict(search.carbon), "countries": [*search.carbon.countries]},
    }


def _trial(trial: Trial) -> dict[str, Any]:
    return {
        "number": trial.number,
        "params": trial.params,
        "outcome": trial.outcome,
        "point": None if trial.point is None else asdict(trial.point),
        "why": trial.why,
        "front": trial.front,
        "model": f"models/{model_name(trial.number)}" if trial.front and trial.tflite is not None else None,
        "seconds": trial.seconds,
        "worker": trial.worker,
    }
