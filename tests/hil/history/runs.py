"""Histories with runs that were never made: figures, builds and days as a test wants them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

from tinykit.hil.history import History, Origin
from tinykit.hil.report import Report

BEGIN = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)


def build_id(name: str) -> str:
    """32 hexadecimal digits of a short name."""
    return name.encode().hex().ljust(32, "0")


def variant(
    report: Report,
    *,
    build: str = "a",
    model: str = "digits",
    board: str = "native",
    p50: float = 100.0,
    layers: dict[int, float] | None = None,
    outputs: str | None = None,
    crcs: dict[int, str] | None = None,
    **memory: int,
) -> Report:
    """A report with other figures. ``layers`` and ``crcs`` by position."""
    changed = tuple(
        replace(layer, value=(layers or {}).get(layer.index, 10.0), output_crc=(crcs or {}).get(layer.index, "0" * 8))
        for layer in report.latency.layers
    )
    return replace(
        report,
        model=replace(report.model, name=model),
        board=board,
        build=replace(report.build, id=build_id(build)),
        latency=replace(report.latency, unit="instructions", source="counted", p50=p50, layers=changed),
        memory=replace(report.memory, **memory),
        accuracy=replace(report.accuracy, outputs_sha256=outputs or "1" * 64),
    )


def keep(history: History, reports: list[Report], origin: Origin | None = None) -> list[int]:
    """A run an hour, from noon on."""
    return [
        history.add(report, origin or Origin("c" * 40), at=BEGIN + timedelta(hours=hour))
        for hour, report in enumerate(reports)
    ]
