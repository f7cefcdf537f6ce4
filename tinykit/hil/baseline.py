"""Compares a report with an earlier one. docs/reports.md says what is compared, and with what."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from tinykit.errors import InputError
from tinykit.hil.report.model import SCHEMA, Report

# Larger is worse; of accuracy, smaller (top1, auc) or larger (mse).
_SIZES = (
    ("memory.flash", "flash"),
    ("memory.arena", "arena"),
    ("memory.static_ram", "static RAM"),
    ("memory.stack", "stack"),
)
_SAME = {
    "model.name": "model",
    "board": "board",
    "engine": "engine",
    "latency.unit": "unit of latency",
    "latency.source": "source of latency",
    "accuracy.metric": "metric",
    "accuracy.data_sha256": "test data",
    "accuracy.n": "number of samples",
}
"""What has to be equal in both reports, and how messages call it."""

_Bytes = Annotated[int, Field(ge=0, lt=1 << 63)]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True)


class _Model(_Part):
    name: str
    sha256: str


class _Build(_Part):
    id: str


class _Memory(_Part):
    flash: _Bytes
    arena: _Bytes
    static_ram: _Bytes
    stack: _Bytes | None


class _Layer(_Part):
    label: str
    value: FiniteFloat
    output_crc: str | None = None


class _Latency(_Part):
    unit: str
    source: str
    p50: Annotated[FiniteFloat, Field(gt=0)]
    layers: list[_Layer]


class _Accuracy(_Part):
    metric: str | None
    device: FiniteFloat | None
    n: int
    data_sha256: str | None
    outputs_sha256: str | None = None


class _Before(_Part):
    """The parts of a report that are compared."""

    schema_: int = Field(alias="schema", ge=SCHEMA, le=SCHEMA)
    result: Literal["pass"]
    model: _Model
    board: str
    engine: str
    build: _Build
    memory: _Memory
    latency: _Latency
    accuracy: _Accuracy


@dataclass(frozen=True)
class Baseline:
    """An earlier report, as JSON values that were checked."""

    path: Path
    report: dict[str, Any]

    def require(self, facts: Mapping[str, object]) -> None:
        """Refuse to compare with something else: each of ``facts`` (by key) must be as in the baseline.

        Raises:
            InputError: names the first fact that differs, with both values.
        """
        for key, value in facts.items():
            before = _get(self.report, key)
            if value != before:
                raise InputError(
                    f"the baseline has another {_SAME[key]}",
                    where=str(self.path),
                    why=f"it has {before!r}, this run {value!r}",
                    hint="compare runs of the same model, board and data",
                )


def load_baseline(path: Path) -> Baseline:
    """Read the report.json of an earlier run.

    Raises:
        InputError: the file cannot be read, is no report of this schema, or of a test that was not finished.
    """
    try:
        report = json.loads(path.read_bytes())
        if isinstance(report, dict) and report.get("result") == "error":
            raise InputError(
                "the baseline is of a test that was not finished",
                where=str(path),
                hint="give the report.json of a run that ended with a result",
            )
        _Before.model_validate(report)
    except OSError as error:
        raise InputError(
            "cannot read the baseline", where=str(path), why=error.strerror or str(error), hint="check the path"
        ) from None
    except (ValueError, RecursionError) as error:  # ValidationError, JSON and UTF-8 errors are ValueErrors
        raise InputError(
            "the baseline is not a report of tinykit",
            where=str(path),
            why=_reason(error),
            hint="give the report.json of an earlier run",
        ) from None
    return Baseline(path, report)


def is_unfit(path: Path) -> bool:
    """Whether a report is of a test that failed or was not finished. Anything else ``load_baseline`` looks at."""
    try:
        report = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(report, dict) and report.get("result") in ("fail", "error")


def compare_with_baseline(report: Report, baseline: Baseline, max_regress: float) -> Report:
    """The report with the comparison in it, failed where a figure got more than ``max_regress`` percent worse.

    Latency (p50), flash, arena, static RAM, stack and accuracy are compared; and integer outputs, which never change.

    Raises:
        InputError: the baseline is of another model, board, engine, metric, data, or unit or source of latency.
    """
    now, before = report.to_json(), baseline.report
    baseline.require({key: _get(now, key) for key in _SAME})
    worse: list[str] = []
    latency = _growth(now, before, "latency.p50")
    if latency is not None and latency > max_regress:
        worse.append(
            f"latency p50 grew by {latency:.2f} %: {before['latency']['p50']:,.6g} -> {report.latency.p50:,.6g} "
            f"{report.latency.unit}{_worst_layer(now, before)}"
        )
    for key, label in _SIZES:
        growth = _growth(now, before, key)
        if growth is not None and growth > max_regress:
            worse.append(f"{label} grew by {growth:.2f} %: {_get(before, key):,} -> {_get(now, key):,} bytes")
    worse += _accuracy_regression(now, before, max_regress)
    worse += _changed_outputs(now, before)
    comparison = {
        "file": baseline.path.name,
        "max_regress": max_regress,
        "build_id": before["build"]["id"],
        "regressions": worse,
    }
    return replace(report, baseline=comparison, failures=report.failures + tuple(worse))


def parse_percent(text: str, option: str = "--max-regress") -> float:
    """ "5%" or "5" as 5.0. ``option`` is where it was given.

    Raises:
        InputError: not a number from 0 up.
    """
    try:
        value = float(text.strip().removesuffix("%"))
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise InputError(f"{text!r} is not a percentage", hint=f"write it as {option} 5%")
    return value


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return f"{where}: {first['msg']}" if where else "it is no JSON object"
    return str(error) or type(error).__name__


def _get(report: dict[str, Any], key: str) -> Any:
    value: Any = report
    for part in key.split("."):
        value = value[part]
    return value


def _growth(now: dict[str, Any], before: dict[str, Any], key: str) -> float | None:
    """Growth in percent; None where either side has no figure."""
    new, old = _get(now, key), _get(before, key)
    if new is None or old is None:
        return None
    if old == 0:
        return 0.0 if new == 0 else float("inf")
    return 100.0 * (float(new) - float(old)) / float(old)


def changes(report: Report, baseline: Baseline) -> dict[str, float]:
    """What changed since the baseline: percent of sizes and of latency, of accuracy the difference.

    Figures that either side lacks are left out.
    """
    now = report.to_json()
    found = {key: _growth(now, baseline.report, key) for key in ("latency.p50", *(key for key, _ in _SIZES))}
    new, old = _get(now, "accuracy.device"), _get(baseline.report, "accuracy.device")
    found["accuracy.device"] = None if new is None or old is None else float(new) - float(old)
    return {key: value for key, value in found.items() if value is not None}


def _worst_layer(now: dict[str, Any], before: dict[str, Any]) -> str:
    new, old = (layer_facts(report, "value", (int, float)) for report in (now, before))
    grown = [(new[label] - old[label], label) for label in new if label in old]
    if not grown or max(grown)[0] <= 0:
        return ""
    growth, label = max(grown)
    percent = f", {100 * growth / old[label]:.2f} %" if old[label] > 0 else ""
    return f", most of it in {label} (+{growth:,.6g}{percent})"


def _changed_outputs(now: dict[str, Any], before: dict[str, Any]) -> list[str]:
    """Whether integer outputs of the same model for the same samples are others, and from which layer on."""
    old = before["accuracy"].get("outputs_sha256")  # None: an earlier tinykit's report
    same_model = now["model"]["sha256"] == before["model"]["sha256"]
    if old is None or not same_model or now["accuracy"]["tolerance"] or old == now["accuracy"]["outputs_sha256"]:
        return []
    first = first_difference(now, before)
    where = "" if first is None else f"; the first layer that differs is {first}"
    return [f"outputs are not those of the baseline{where}"]


def first_difference(now: Mapping[str, Any], before: Mapping[str, Any]) -> str | None:
    """Of two reports, the first layer whose output for the last sample differs; None if none is known to."""
    new, old = layer_facts(now, "output_crc", str), layer_facts(before, "output_crc", str)
    return next((label for label, check in new.items() if old.get(label, check) != check), None)


def layer_facts(report: Mapping[str, Any], key: str, kind: type | tuple[type, ...]) -> dict[str, Any]:
    """A fact of each layer by label; of what is not as tinykit writes reports, what can be understood."""
    latency = report.get("latency")
    layers = latency.get("layers") if isinstance(latency, dict) else None
    return {
        str(layer.get("label")): layer[key]
        for layer in (layers if isinstance(layers, (list, tuple)) else ())
        if isinstance(layer, dict) and isinstance(layer.get(key), kind)
    }


def _accuracy_regression(now: dict[str, Any], before: dict[str, Any], max_regress: float) -> list[str]:
    growth = _growth(now, before, "accuracy.device")
    if growth is None:
        return []
    loss = growth if now["accuracy"]["metric"] == "mse" else -growth
    if loss <= max_regress:  # not `loss > max_regress`: an accuracy that became NaN got worse
        return []
    old, new = before["accuracy"]["device"], now["accuracy"]["device"]
    return [f"accuracy ({now['accuracy']['metric']}) got {loss:.2f} % worse: {old:.4g} -> {new:.4g}"]
