"""Compares a report with an earlier one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from tinykit.errors import InputError
from tinykit.hil.report.model import Report

# Larger is worse; of accuracy, smaller (top1) or larger (mse).
_SIZES = (
    ("memory.flash", "flash"),
    ("memory.arena", "arena"),
    ("memory.static_ram", "static RAM"),
    ("memory.stack", "stack"),
)


def compare_with_baseline(report: Report, path: Path, max_regress: float) -> Report:
    """The report with the comparison in it, failed where a figure got more than ``max_regress`` percent worse.

    Latency (p50), flash, arena, static RAM, stack and accuracy are compared.

    Raises:
        InputError: the file is no report, or of another model, board, engine or unit of latency.
    """
    before = _load(path)
    now = report.to_json()
    _require_comparable(now, before, path)
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
    comparison = {
        "file": path.name,
        "max_regress": max_regress,
        "build_id": before["build"]["id"],
        "regressions": worse,
    }
    return replace(report, baseline=comparison, failures=report.failures + tuple(worse))


def parse_percent(text: str) -> float:
    """ "5%" or "5" as 5.0.

    Raises:
        InputError: not a number from 0 up.
    """
    try:
        value = float(text.strip().removesuffix("%"))
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise InputError(f"{text!r} is not a percentage", hint="write it as --max-regress 5%")
    return value


def _load(path: Path) -> dict[str, Any]:
    try:
        before = json.loads(path.read_text(encoding="utf-8"))
        for key in ("model.sha256", "board", "engine", "build.id", "latency.unit", "latency.p50", "memory.flash"):
            _get(before, key)
    except OSError as error:
        raise InputError("cannot read the baseline", where=str(path), why=error.strerror or str(error)) from None
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            "the baseline is not a report of tinykit",
            where=str(path),
            why=repr(error),
            hint="give the report.json of an earlier run",
        ) from None
    assert isinstance(before, dict)
    return before


def _require_comparable(now: dict[str, Any], before: dict[str, Any], path: Path) -> None:
    for key, label in (
        ("model.name", "model"),
        ("board", "board"),
        ("engine", "engine"),
        ("latency.unit", "unit of latency"),
        ("accuracy.metric", "metric"),
        ("accuracy.data_sha256", "test data"),
        ("accuracy.n", "number of samples"),
    ):
        if _get(now, key) != _get(before, key):
            raise InputError(
                f"the baseline has another {label}",
                where=str(path),
                why=f"it has {_get(before, key)!r}, this run {_get(now, key)!r}",
                hint="compare runs of the same model, board and data",
            )


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


def _worst_layer(now: dict[str, Any], before: dict[str, Any]) -> str:
    old = {layer["label"]: layer["value"] for layer in before["latency"]["layers"]}
    grown = [
        (layer["value"] - old[layer["label"]], layer["label"])
        for layer in now["latency"]["layers"]
        if layer["label"] in old
    ]
    if not grown or max(grown)[0] <= 0:
        return ""
    growth, label = max(grown)
    return f", most of it in {label} (+{growth:,.6g})"


def _accuracy_regression(now: dict[str, Any], before: dict[str, Any], max_regress: float) -> list[str]:
    growth = _growth(now, before, "accuracy.device")
    if growth is None:
        return []
    loss = growth if now["accuracy"]["metric"] == "mse" else -growth
    if loss <= max_regress:
        return []
    old, new = before["accuracy"]["device"], now["accuracy"]["device"]
    return [f"accuracy ({now['accuracy']['metric']}) got {loss:.2f} % worse: {old:.4g} -> {new:.4g}"]
