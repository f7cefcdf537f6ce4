"""The figures of a cell that all forms of the matrix show, as text."""

from __future__ import annotations

from dataclasses import dataclass

from tinykit.hil.matrix.result import Cell, Matrix
from tinykit.hil.report.energy_text import joules
from tinykit.hil.report.numbers import byte_count, quantity

MEANINGS = {"pass": "passed", "fail": "failed", "error": "no result", "stopped": "interrupted"}


@dataclass(frozen=True)
class Figure:
    """One figure; ``change`` since the baseline is empty where there is none to compare with."""

    key: str
    title: str
    text: str
    change: str


def titles(matrix: Matrix) -> tuple[str, ...]:
    """Of the figures that ``shown`` gives: energy is among them where any cell has it."""
    with_energy = any(cell.report is not None and cell.report.energy is not None for cell in matrix.cells)
    return ("accuracy", "latency", "flash", "RAM", *(("energy",) if with_energy else ()))


def shown(cell: Cell, matrix: Matrix) -> tuple[Figure | None, ...]:
    """A figure for each of the matrix's ``titles``; None where the cell has none."""
    found = {figure.title: figure for figure in figures(cell)}
    return tuple(found.get(title) for title in titles(matrix))


def figures(cell: Cell) -> tuple[Figure, ...]:
    """Accuracy, latency, flash, RAM, and energy if it is known; nothing where there is no report."""
    report = cell.report
    if report is None:
        return ()
    energy = report.energy
    accuracy = report.accuracy
    identical = "" if accuracy.identical is None else f"{accuracy.identical} of {accuracy.n} identical"
    score = identical if accuracy.device is None else f"{accuracy.metric} {accuracy.device:.4g}"
    return (
        Figure("accuracy.device", "accuracy", score or "-", _difference(cell)),
        _figure(cell, "latency.p50", "latency", quantity(report.latency.p50, report.latency.unit)),
        _figure(cell, "memory.flash", "flash", byte_count(report.memory.flash)),
        _figure(cell, "memory.static_ram", "RAM", byte_count(report.memory.static_ram)),
        *(() if energy is None else (Figure("energy.joules", "energy", joules(energy), ""),)),
    )


def verdict(cell: Cell) -> str:
    """The status in a few words: "pass (attempt 2)", "error: DeviceReset"."""
    if cell.error is not None:
        return f"error: {type(cell.error).__name__}"
    if cell.attempts and cell.status != "stopped":
        return f"{cell.status} (attempt {len(cell.attempts) + 1})"
    return cell.status


def history(cell: Cell) -> tuple[str, ...]:
    """What the attempts before came to, one sentence each."""
    return tuple(
        f"attempt {number}: {type(attempt.error).__name__}: {attempt.error.what}"
        + ("" if attempt.remedy is None else f"; {attempt.remedy}")
        for number, attempt in enumerate(cell.attempts, 1)
    )


def _figure(cell: Cell, key: str, title: str, text: str) -> Figure:
    change = cell.changes.get(key)
    return Figure(key, title, text, "" if change is None else "=" if change == 0 else f"{change:+.2f} %")


def _difference(cell: Cell) -> str:
    change = cell.changes.get("accuracy.device")
    return "" if change is None else "=" if change == 0 else f"{change:+.4g}"
