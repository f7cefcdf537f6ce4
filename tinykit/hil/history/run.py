"""One result in a history."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, FiniteFloat, field_validator

from tinykit.errors import TinykitError
from tinykit.hil.history.metrics import METRICS
from tinykit.hil.history.origin import Origin
from tinykit.hil.report.model import Report
from tinykit.text import printable, utf8


class Run(BaseModel):
    """What a history keeps of one test, besides its whole report.

    Attributes:
        number: given by the history, in the order of arrival.
        at: when the test ended, UTC.
        result: "error" is a test that could not be finished; it has no build and no figures.
        place: the board's name, or in a bench that of the place where it is.
        commit, dirty, host: as ``Origin``.
        unit, source: of the latency; ``metric`` of the accuracy, ``data_sha256`` and ``samples`` of its data.
        latency, flash, arena, ram, stack, accuracy: figures, in ``unit``, bytes, and of ``metric``.
        energy: joules of an inference, if a meter measured them; ``energy_sync`` is how the inferences were found.
        outputs_sha256: of all outputs, if they are integers: those of a model and data never change.
        why: failures, or the error; empty if the test passed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    number: int | None = None
    at: str
    result: Literal["pass", "fail", "error"]
    model: str
    board: str
    place: str
    engine: str
    model_sha256: str | None = None
    build_id: str | None = None
    compiler: str | None = None
    flags: str | None = None
    tinykit: str
    commit: str | None = None
    dirty: bool = False
    host: str = ""
    unit: str | None = None
    source: str | None = None
    metric: str | None = None
    data_sha256: str | None = None
    samples: int | None = None
    outputs_sha256: str | None = None
    latency: FiniteFloat | None = None
    flash: FiniteFloat | None = None
    arena: FiniteFloat | None = None
    ram: FiniteFloat | None = None
    stack: FiniteFloat | None = None
    accuracy: FiniteFloat | None = None
    energy: FiniteFloat | None = None
    energy_sync: str | None = None
    why: str = ""

    @field_validator("at")
    @classmethod
    def _utc(cls, text: str) -> str:
        when = datetime.fromisoformat(text)
        if when.tzinfo is None or text != stamp(when):
            raise ValueError("not a time as histories write it")
        return text

    @property
    def when(self) -> datetime:
        return datetime.fromisoformat(self.at)

    @property
    def commit_text(self) -> str:
        """The commit, short, with a star if the working copy differed."""
        return "" if self.commit is None else self.commit[:8] + ("*" if self.dirty else "")

    def figure(self, name: str) -> float | None:
        value: float | None = getattr(self, name)
        return value


def stamp(when: datetime) -> str:
    """A time as histories keep it: UTC with microseconds, so that texts sort as times do."""
    return when.astimezone(timezone.utc).isoformat(timespec="microseconds")


def run_of(report: Report, origin: Origin, place: str | None, at: datetime) -> Run:
    """A finished test.

    Args:
        place: where in a bench; None outside of one.
    """
    values = report.to_json()
    measured = report.energy is not None and report.energy.measured
    if not measured:  # an estimate is the latency once more
        values["energy"] = {"joules": None, "sync": None}
    figures: dict[str, Any] = {
        metric.name: _figure(values[metric.key[0]][metric.key[1]]) for metric in METRICS.values()
    }
    return Run(
        at=stamp(at),
        result=report.result,
        model=_text(report.model.name),
        board=_text(report.board),
        place=_text(place or report.board),
        engine=report.engine,
        model_sha256=report.model.sha256,
        build_id=report.build.id,
        compiler=_text(report.build.compiler),
        flags=_text(report.build.flags),
        tinykit=report.build.tinykit,
        commit=origin.commit,
        dirty=origin.dirty,
        host=_text(origin.host),
        unit=report.latency.unit,
        source=_text(report.latency.source),
        metric=report.accuracy.metric,
        data_sha256=report.accuracy.data_sha256,
        samples=report.accuracy.n,
        outputs_sha256=None if report.accuracy.tolerance else report.accuracy.outputs_sha256,
        energy_sync=values["energy"]["sync"],
        why=_text("; ".join(report.failures)),
        **figures,
    )


def unfinished(
    error: TinykitError, model: str, board: str, engine: str, origin: Origin, place: str | None, at: datetime
) -> Run:
    """A test that ended with an error."""
    from tinykit import __version__

    return Run(
        at=stamp(at),
        result="error",
        model=_text(model),
        board=_text(board),
        place=_text(place or board),
        engine=engine,
        tinykit=__version__,
        commit=origin.commit,
        dirty=origin.dirty,
        host=_text(origin.host),
        why=_text(" ".join(f"{type(error).__name__}: {error.render()}".split())),
    )


def _figure(value: Any) -> float | None:
    """As a float; None where there is none, or none that is a number."""
    return None if value is None or value - value != 0 else float(value)


def _text(text: str) -> str:
    """Text that every database takes: valid UTF-8, and no zero byte."""
    return printable(utf8(text))
