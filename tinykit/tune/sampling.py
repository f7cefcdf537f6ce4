"""What to try next: Optuna's samplers, seeded so that the same history gives the same proposal."""

from __future__ import annotations

import hashlib
from typing import Any

from tinykit.tune.settings import Sampler
from tinykit.tune.trials import counted

_BORED = 3
"""Proposals in a row that were known already, after which chance proposes."""


class Known(BaseException):
    """These parameters are, or were, somebody's trial. Not an ``Exception``: the user's function must not catch it."""


class Proposals:
    """Makes a sampler for each trial.

    A sampler that lives as long as its worker would propose otherwise when the search is interrupted, and the same in
    two workers. Here the seed is that of the study, of how many trials there are, and of the attempt.

    Args:
        total: of the study; NSGA-II's population is a fourth of it.
    """

    def __init__(self, optuna: Any, kind: Sampler, seed: int, total: int) -> None:
        self._optuna, self._kind, self._seed = optuna, kind, seed
        self._population = max(4, min(50, total // 4))

    def sampler(self, trials: int, attempt: int, name: str = "") -> Any:
        """The sampler for the parameter ``name``, or for all of them together."""
        text = f"{self._seed}/{trials}/{attempt}/{name}"
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "little")
        samplers = self._optuna.samplers
        if attempt >= _BORED:
            return samplers.RandomSampler(seed=seed)
        if self._kind == "nsga2":
            return samplers.NSGAIISampler(population_size=self._population, seed=seed)
        return samplers.TPESampler(seed=seed)


class WatchedTrial:
    """An Optuna trial that stops as soon as its parameters turn out to be known, before anything is trained.

    All but the three kinds of suggestions is the trial's own. What the others have is read again after each of them:
    of two workers that get the same at the same time, at least one sees the other, whichever the database serves first.

    Args:
        trial: optuna.Trial.
        proposals, trials, attempt: what the sampler is made with.
    """

    def __init__(self, study: Any, trial: Any, proposals: Proposals, trials: int, attempt: int) -> None:
        self._study, self._trial = study, trial
        self._proposals, self._trials, self._attempt = proposals, trials, attempt

    def __getattr__(self, name: str) -> Any:
        return getattr(self._trial, name)

    def suggest_int(self, name: str, *args: Any, **kwargs: Any) -> Any:
        return self._suggest("suggest_int", name, args, kwargs)

    def suggest_float(self, name: str, *args: Any, **kwargs: Any) -> Any:
        return self._suggest("suggest_float", name, args, kwargs)

    def suggest_categorical(self, name: str, *args: Any, **kwargs: Any) -> Any:
        return self._suggest("suggest_categorical", name, args, kwargs)

    def _suggest(self, method: str, name: str, args: Any, kwargs: Any) -> Any:
        self._study.sampler = self._proposals.sampler(self._trials, self._attempt, name)
        value = getattr(self._trial, method)(name, *args, **kwargs)
        mine = self._trial.params
        others = [o for o in self._study.get_trials(deepcopy=False) if o.number != self._trial.number]
        finished = [other.params for other in others if counted(other) and other.params]
        # A function that asks the same questions and gets the same answers asks no more than the other did.
        if mine in finished:
            raise Known
        # Of one that is running it is not known whether it has asked all of its questions; of what others asked it is.
        running = [other.params for other in others if not other.state.is_finished()]
        if mine in running and any(params.keys() == mine.keys() for params in finished):
            raise Known
        return value
