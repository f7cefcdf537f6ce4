"""What came of a run of a bench. docs/reports.md describes the JSON form key by key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import tinykit
from tinykit.errors import CheckFailed, TinykitError
from tinykit.hil.report import Report
from tinykit.hil.report.failure import error_json

SCHEMA = 1

Status = Literal["pass", "fail", "error", "stopped"]


@dataclass(frozen=True)
class Attempt:
    """A try that the board spoiled, and what was done before the next; None: it was the last."""

    error: TinykitError
    remedy: str | None


@dataclass(frozen=True)
class Cell:
    """One model at one place.

    Attributes:
        status: "fail" is a result that is not as it should be; "error": there is none; "stopped": the run was
            interrupted before there was one.
        report: what was measured; None without a result.
        error: why there is no result.
        attempts: those that failed before the one that counts, and with "error" that one, too, if it is of the kind
            that is tried again.
        changes: against the baseline, by key of the report: percent, of "accuracy.device" the difference.
        notes: what the reader should know, such as that there was no baseline.
    """

    place: str
    board: str
    model: str
    status: Status
    report: Report | None = None
    error: TinykitError | None = None
    attempts: tuple[Attempt, ...] = ()
    changes: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    notes: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """What the command would leave with if this were all."""
        if self.error is not None:
            return self.error.exit_code
        return CheckFailed.exit_code if self.status == "fail" else 0

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it did not pass, one sentence each."""
        if self.error is not None:
            return (f"{type(self.error).__name__}: {self.error.what}",)
        if self.status == "stopped":
            return ("the run was interrupted",)
        return self.report.failures if self.report is not None else ()

    def to_json(self) -> dict[str, Any]:
        """The cell as JSON values."""
        return {
            "place": self.place,
            "board": self.board,
            "model": self.model,
            "status": self.status,
            "exit_code": self.exit_code,
            "seconds": round(self.seconds, 3),
            "attempts": [{"error": error_json(a.error), "remedy": a.remedy} for a in self.attempts],
            "changes": dict(self.changes),
            "error": None if self.error is None else error_json(self.error),
            "notes": list(self.notes),
            "report": None if self.report is None else self.report.to_json(),
        }


@dataclass(frozen=True)
class Matrix:
    """All cells, place by place in the order of the bench, and within a place in that of the models.

    Attributes:
        started: local time with its offset, ISO 8601.
        interrupted: the run was stopped before its end.
        baseline: the folder that was compared with.
    """

    bench: str
    tags: tuple[str, ...]
    started: str
    seconds: float
    cells: tuple[Cell, ...]
    interrupted: bool = False
    baseline: str | None = None

    @property
    def places(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(cell.place for cell in self.cells))

    @property
    def models(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(cell.model for cell in self.cells))

    @property
    def exit_code(self) -> int:
        """That of the worst cell: 4 the board misbehaved, 3 something is missing, 2 it cannot be built, 1 it failed."""
        return max(cell.exit_code for cell in self.cells)

    @property
    def result(self) -> Literal["pass", "fail", "error", "interrupted"]:
        if self.interrupted:
            return "interrupted"
        code = self.exit_code
        return "pass" if code == 0 else "fail" if code == CheckFailed.exit_code else "error"

    def cell(self, place: str, model: str) -> Cell:
        """The cell of a place and a model."""
        return next(cell for cell in self.cells if (cell.place, cell.model) == (place, model))

    def count(self, status: Status) -> int:
        """How many cells have that status."""
        return sum(cell.status == status for cell in self.cells)

    def to_json(self) -> dict[str, Any]:
        """The run as JSON values."""
        return {
            "schema": SCHEMA,
            "result": self.result,
            "exit_code": self.exit_code,
            "tinykit": tinykit.__version__,
            "bench": self.bench,
            "tags": list(self.tags),
            "baseline": self.baseline,
            "started": self.started,
            "seconds": round(self.seconds, 3),
            "places": list(self.places),
            "models": list(self.models),
            "cells": [cell.to_json() for cell in self.cells],
        }
