"""Two workers that are at the same parameters at the same time: they never both train them."""

from __future__ import annotations

from typing import Any

import pytest

from tinykit.tune.sampling import Known, Proposals, WatchedTrial

optuna = pytest.importorskip("optuna", reason="optuna is not installed")


@pytest.fixture
def study() -> Any:
    """With one finished trial, which tells which questions there are."""
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    trial = study.ask()
    trial.suggest_int("width", 1, 1)
    trial.suggest_int("depth", 1, 1)
    study.tell(trial, 0.0)
    return study


def watched(study: Any) -> WatchedTrial:
    return WatchedTrial(study, study.ask(), Proposals(optuna, "tpe", 0, 8), 1, 0)


@pytest.mark.parametrize("first_is_older", [True, False])
def test_whoever_comes_second_stops(study: Any, first_is_older: bool) -> None:
    older, younger = watched(study), watched(study)  # both began before either had a parameter
    first, second = (older, younger) if first_is_older else (younger, older)
    for trial in (first, second):
        trial.suggest_int("width", 2, 2)  # the same so far, but not all
    first.suggest_int("depth", 1, 1)
    with pytest.raises(Known):
        second.suggest_int("depth", 1, 1)


def test_what_was_finished_meanwhile_is_known(study: Any) -> None:
    mine, other = watched(study), watched(study)
    other.suggest_int("width", 2, 2)
    other.suggest_int("depth", 1, 1)
    study.tell(other.number, 1.0)
    mine.suggest_int("width", 2, 2)
    with pytest.raises(Known):
        mine.suggest_int("depth", 1, 1)


def test_others_may_have_parts_of_it(study: Any) -> None:
    mine, other = watched(study), watched(study)
    other.suggest_int("width", 2, 2)
    mine.suggest_int("width", 2, 2)
    mine.suggest_int("depth", 1, 1)
