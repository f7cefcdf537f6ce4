"""A conversion as JSON: docs/convert.md describes it key by key."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from tinykit.convert.result import Conversion
from tinykit.edgetpu.report.json import to_json as edgetpu_json

SCHEMA = 1


def to_json(result: Conversion, out: str) -> dict[str, Any]:
    """The JSON form. Every number is finite."""
    identity = result.identity
    return {
        "schema": SCHEMA,
        "source": result.source,
        "framework": result.framework,
        "target": result.target,
        "out": out,
        "quantization": asdict(result.scheme),
        "size": {"float": result.float_bytes, "result": result.bytes},
        "accuracy": None
        if result.before is None or result.after is None
        else {
            "metric": result.before.metric,
            "before": result.before.value,
            "after": result.after.value,
            "drop_points": result.drop,
            "ties": result.after.ties,
            "n": result.data_size,
            "data": result.data,
        },
        "calibration": None
        if result.calibration is None
        else {"data": result.calibration, "n": result.calibration_size},
        "layers": [asdict(layer) for layer in result.layers],
        "identity": None
        if identity is None
        else {
            "n": identity.samples,
            "measure": identity.measure,
            "engines": [asdict(engine) for engine in identity.engines],
        },
        "trials": [asdict(trial) for trial in result.trials],
        "culprits": [asdict(layer) for layer in result.culprits],
        "edgetpu": None if result.edgetpu is None else edgetpu_json(result.edgetpu),
        "notes": list(result.notes),
    }
