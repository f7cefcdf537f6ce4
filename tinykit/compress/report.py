"""A compression as JSON: docs/compress.md describes it key by key."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from tinykit.compress.result import Compression, Stage

SCHEMA = 1


def to_json(result: Compression, out: str) -> dict[str, Any]:
    """The JSON form. Every number is finite."""
    return {
        "schema": SCHEMA,
        "recipe": result.recipe,
        "source": result.source,
        "framework": result.framework,
        "out": out,
        "train": {"data": result.train, "n": result.train_size},
        "test": {"data": result.test, "n": result.test_size},
        "accuracy": {
            "metric": result.stages[0].float_score.metric,
            "source": result.stages[0].float_score.value,
            "result": result.stages[-1].int8_score.value,
            "drop_points": result.drop,
        },
        "resumed": result.resumed,
        "stages": [_stage(stage) for stage in result.stages],
        "notes": list(result.notes),
    }


def _stage(stage: Stage) -> dict[str, Any]:
    return {
        "number": stage.number,
        "kind": stage.kind,
        "what": stage.what,
        "parameters": stage.parameters,
        "zeros": stage.zeros,
        "macs": stage.macs,
        "size": {"float": stage.float_bytes, "int8": stage.int8_bytes, "int8_packed": stage.packed_bytes},
        "accuracy": {"float": stage.float_score.value, "int8": stage.int8_score.value},
        "on_board": None if stage.on_board is None else asdict(stage.on_board),
        "seconds": stage.seconds,
        "loss": stage.loss,
    }
