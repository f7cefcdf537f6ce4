"""What a study has found so far."""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass
from typing import Any

from tinykit.tune.point import Point
from tinykit.tune.settings import Objective, Settings
from tinykit.tune.study import AGAINST, Study
from tinykit.tune.trials import CARBON, OUTCOME, POINT, SECONDS, TFLITE, WHY, WORKER, counted


@dataclass(frozen=True)
class Trial:
    """A trial that counts.

    Attributes:
        number: Optuna's; those of lost trials and of repetitions are missing.
        params: what was tried.
        outcome: "done", "impossible" (on this board, or to compile), "failed" (the function raised), "pruned".
        point: None unless done; then ``why``.
        front: no other trial is as good in all objectives and better in one.
        seconds: that it took, on ``worker``.
        tflite: the model; None where it is too large to be kept.
    """

    number: int
    params: dict[str, Any]
    outcome: str
    point: Point | None
    why: str | None
    front: bool
    seconds: float
    worker: str
    tflite: bytes | None

    @property
    def label(self) -> str:
        return ", ".join(f"{name}={_short(value)}" for name, value in self.params.items())


@dataclass(frozen=True)
class Against:
    """A model that was made by hand, measured in the same way."""

    source: str
    point: Point


@dataclass(frozen=True)
class Carbon:
    """Sums over all trials that were measured, lost ones too. ``countries``: whose electricity was assumed."""

    countries: tuple[str, ...]
    kg_co2eq: float
    kwh: float
    trials: int


@dataclass(frozen=True)
class Search:
    """What a study has found so far.

    Attributes:
        study, storage: where it is.
        total: trials that were asked for.
        trials: those that count, by number.
        lost: trials whose worker was lost or stopped; ``repeated`` such as turned out to be the same as another.
        running: trials that some worker is at.
        against: None unless asked for; ``better`` are the numbers of trials that are at least as good in all
            objectives and better in one.
        carbon: None where nothing was measured.
    """

    study: str
    storage: str
    settings: Settings
    total: int
    trials: tuple[Trial, ...]
    running: int
    against: Against | None
    better: tuple[int, ...]
    carbon: Carbon | None

    @property
    def front(self) -> tuple[Trial, ...]:
        """Best in accuracy first, or in what comes first where accuracy is no objective."""
        found = [trial for trial in self.trials if trial.front]
        first = self.settings.objectives[0]
        return tuple(sorted(found, key=lambda t: t.point.values((first,))[0], reverse=first == "accuracy"))  # type: ignore[union-attr]

    @property
    def complete(self) -> bool:
        return len(self.trials) >= self.total


def dominates(one: Point, other: Point, objectives: tuple[Objective, ...]) -> bool:
    """At least as good in all objectives, and better in one."""
    pairs = [
        (a, b) if name == "accuracy" else (b, a)
        for name, a, b in zip(objectives, one.values(objectives), other.values(objectives), strict=True)
    ]
    return all(a >= b for a, b in pairs) and any(a > b for a, b in pairs)


def read_search(study: Study) -> Search:
    """All that the study knows."""
    objectives = study.settings.objectives
    raw = study.study.get_trials(deepcopy=False)
    points = {t.number: Point(**t.user_attrs[POINT]) for t in raw if t.state.name == "COMPLETE"}
    trials = tuple(
        Trial(
            t.number, dict(t.params), t.user_attrs[OUTCOME], points.get(t.number), t.user_attrs.get(WHY),
            t.number in points and not any(dominates(p, points[t.number], objectives) for p in points.values()),
            float(t.user_attrs[SECONDS]), str(t.user_attrs.get(WORKER, "")), _model(t.user_attrs.get(TFLITE)),
        )
        for t in raw if counted(t)
    )  # fmt: skip
    stored = study.study.user_attrs.get(AGAINST)
    against = None if stored is None else Against(stored["source"], Point(**stored["point"]))
    better = () if against is None else tuple(n for n, p in points.items() if dominates(p, against.point, objectives))
    return Search(
        study.name, study.url, study.settings, study.total, trials, sum(t.state.name == "RUNNING" for t in raw),
        against, better, _carbon([t.user_attrs[CARBON] for t in raw if CARBON in t.user_attrs]),
    )  # fmt: skip


def _carbon(measured: list[dict[str, Any]]) -> Carbon | None:
    if not measured:
        return None
    countries = tuple(sorted({str(m["country"]) for m in measured}))
    total = sum(float(m["kg_co2eq"]) for m in measured)
    return Carbon(countries, total, sum(float(m["kwh"]) for m in measured), len(measured))


def _model(text: str | None) -> bytes | None:
    return None if text is None else zlib.decompress(base64.b64decode(text))


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
