"""How workers share a study: each trial is one worker's, and there are as many as were asked for."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tinykit.tune.sampling import Proposals, WatchedTrial
from tinykit.tune.study import Study
from tinykit.tune.trials import WORKER, counted, taken

_POLL = 1.0


@dataclass(frozen=True)
class Claim:
    """A trial that is this worker's.

    Attributes:
        trial: optuna.Trial; ``watched`` is what the user's function gets.
        position: of the trial among those that count, from 0.
    """

    trial: Any
    watched: WatchedTrial
    position: int


class Desk:
    """Hands out trials.

    There is no counter that could be wrong: a trial is surplus if as many as were asked for have lower numbers, which
    the database gives out one by one. Who gets one that is puts it back.

    Args:
        worker: this one's name.
        waiting: called with how many trials of others are waited for.
    """

    def __init__(self, optuna: Any, study: Study, worker: str, waiting: Callable[[int], None]) -> None:
        self._optuna, self._study, self._worker, self._waiting = optuna, study, worker, waiting
        settings = study.settings
        self._proposals = Proposals(optuna, settings.sampler, settings.seed, study.total)
        self._silent: dict[int, float] = {}

    def claim(self, attempt: int) -> Claim | None:
        """The next trial; None when all are finished. Waits while the rest is with other workers, who may be lost.

        Args:
            attempt: how many proposals in a row were known already.
        """
        study, total = self._study.study, self._study.total
        while True:
            self._fail_lost()
            trials = study.get_trials(deepcopy=False)
            if sum(counted(trial) for trial in trials) >= total:
                return None
            busy = sum(taken(trial) for trial in trials)
            if busy >= total:
                self._waiting(sum(trial.state.name == "RUNNING" for trial in trials))
                time.sleep(_POLL)
                continue
            study.sampler = self._proposals.sampler(busy, attempt)
            trial = study.ask()
            self._study.storage.record_heartbeat(trial._trial_id)
            trial.set_user_attr(WORKER, self._worker)
            trials = study.get_trials(deepcopy=False)
            before = sum(
                other.number < trial.number and (taken(other) or other.state.name == "WAITING") for other in trials
            )
            if before < total:
                watched = WatchedTrial(study, trial, self._proposals, busy, attempt)
                return Claim(trial, watched, busy)
            self.give_back(trial, again=False)

    def give_back(self, trial: Any, *, again: bool) -> None:
        """Finish a trial without a result.

        Args:
            again: somebody is to try its parameters.
        """
        params = dict(trial.params)
        if self._finish(trial, None, "FAIL") and again and params:
            self._study.study.enqueue_trial(params)

    def finish(self, trial: Any, attributes: dict[str, Any], values: list[float] | None) -> bool:
        """Finish a trial that counts; False if it had been given up for lost meanwhile.

        Args:
            attributes: to be kept with it.
            values: of the objectives; None where there are none.
        """
        try:
            for name, value in attributes.items():
                trial.set_user_attr(name, value)
        except self._optuna.exceptions.UpdateFinishedTrialError:
            return False
        return self._finish(trial, values, "COMPLETE" if values is not None else "PRUNED")

    def known(self, trial: Any) -> bool:
        """Whether somebody else has, or is at, exactly these parameters; asked when all of them are known."""
        return any(
            other.params == trial.params
            and other.number != trial.number
            and (counted(other) or (other.state.name == "RUNNING" and other.number < trial.number))
            for other in self._study.study.get_trials(deepcopy=False)
        )

    def _finish(self, trial: Any, values: list[float] | None, state: str) -> bool:
        try:
            self._study.study.tell(trial, values, state=getattr(self._optuna.trial.TrialState, state))
        except (ValueError, self._optuna.exceptions.UpdateFinishedTrialError):
            return False
        return True

    def _fail_lost(self) -> None:
        """Give up for lost the trials of workers that are not heard of any more; their parameters are tried again."""
        study = self._study.study
        self._optuna.storages.fail_stale_trials(study)
        # Optuna passes over one whose worker ended before its first heartbeat, so that is watched here.
        now = time.monotonic()
        running = [t for t in study.get_trials(deepcopy=False) if t.state.name == "RUNNING"]
        silent = [t._trial_id for t in running if WORKER not in t.user_attrs]
        self._silent = {number: self._silent.get(number, now) for number in silent}
        for number, since in self._silent.items():
            if now - since > self._study.stale_after:
                self._study.storage.set_trial_state_values(number, self._optuna.trial.TrialState.FAIL)
