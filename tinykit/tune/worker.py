"""A worker: takes trials of a study until there are none left."""

from __future__ import annotations

import base64
import contextlib
import os
import platform
import random
import sys
import time
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tinykit.convert.interpreter import Progress
from tinykit.errors import DoesNotFit, InputError, TinykitError, UnsupportedModel
from tinykit.text import first_line
from tinykit.tune.candidate import Candidate, candidate_of
from tinykit.tune.carbon import Meter
from tinykit.tune.claim import Claim, Desk
from tinykit.tune.point import Bench, Point
from tinykit.tune.sampling import Known
from tinykit.tune.space import PRECISION, Space, takes
from tinykit.tune.study import Study, load_optuna
from tinykit.tune.trials import CARBON, OUTCOME, POINT, SECONDS, TFLITE, WHY, Outcome, counted

_BORED = 100
"""Proposals in a row that were known already, after which there is nothing new to be expected."""
_HOPELESS = 3
"""Trials that failed, with none that did not, after which the function is taken to be wrong."""
_KEPT = 512 * 1024
"""Bytes of a .tflite, compressed, up to which it is kept in the study."""


class FunctionFailed(InputError):
    """The user's function raised something."""


@dataclass(frozen=True)
class Done:
    """A trial that a worker has finished.

    Attributes:
        number: Optuna's.
        params: what was tried.
        point: None where there is none; then ``why``.
        finished, total: trials of the study, of all workers.
    """

    number: int
    params: dict[str, Any]
    point: Point | None
    why: str | None
    finished: int
    total: int


class Worker:
    """Takes trials of a study.

    Args:
        function: the user's; takes an Optuna trial, or where ``space`` is declared, its values by name.
        where: what to call it in messages.
        tell: called with each trial that this worker has finished.
    """

    def __init__(
        self, study: Study, function: Callable[..., Any], where: str, space: Space | None, bench: Bench, meter: Meter,
        tell: Callable[[Done], None], progress: Progress | None,
    ) -> None:  # fmt: skip
        self._study, self._function, self._where, self._space = study, function, where, space
        self._bench, self._meter, self._tell, self._progress = bench, meter, tell, progress
        self._optuna = load_optuna()
        name = f"{platform.node()}:{os.getpid()}"
        self._desk = Desk(self._optuna, study, name, self._waiting)

    def run(self) -> int:
        """Work until all trials are finished, or nothing new can be found; how many this worker has finished.

        Raises:
            TinykitError: the function, the data or a tool is wrong. The trial is given back, as it is on Ctrl-C.
        """
        finished = attempt = 0
        while attempt < _BORED:
            claim = self._desk.claim(attempt)
            if claim is None:
                break
            if self._progress is not None:
                self._progress("trials", claim.position, self._study.total)
            try:
                kept = self._carry_out(claim)
            except Known:
                self._desk.give_back(claim.trial, again=False)
                attempt += 1
                continue
            except BaseException as error:
                # A function that always fails is no reason to try the same again.
                self._desk.give_back(claim.trial, again=not isinstance(error, FunctionFailed))
                raise
            attempt = 0 if kept else attempt + 1
            finished += kept
        return finished

    def _carry_out(self, claim: Claim) -> bool:
        """Whether the trial counts."""
        started = time.monotonic()
        point: Point | None = None
        why: str | None = None
        tflite = b""
        outcome: Outcome = "done"
        with self._study.heartbeat(claim.trial), self._meter.trial() as carbon:
            try:
                candidate = self._candidate(claim)
                if self._desk.known(claim.trial):
                    raise Known
                if self._progress is not None:
                    self._progress("measuring", 0, 1)
                point, tflite = self._bench.measure(candidate, self._where, self._progress)
            except self._optuna.TrialPruned as error:
                outcome, why = "pruned", first_line(error)
            except (DoesNotFit, UnsupportedModel) as error:
                outcome, why = "impossible", _sentence(error)
            except FunctionFailed as error:
                # for some parameters a function may fail; one that never worked is wrong
                if self._only_failed():
                    raise
                outcome, why = "failed", _sentence(error)
        attributes: dict[str, Any] = {OUTCOME: outcome, SECONDS: time.monotonic() - started}
        if point is not None:
            attributes[POINT] = asdict(point)
            packed = zlib.compress(tflite, 9)
            if len(packed) <= _KEPT:
                attributes[TFLITE] = base64.b64encode(packed).decode("ascii")
        if why is not None:
            attributes[WHY] = why
        if carbon:
            attributes[CARBON] = carbon
        settings = self._study.settings
        values = None if point is None else point.values(settings.objectives)
        if not self._desk.finish(claim.trial, attributes, values):
            return False
        total = self._study.total
        done = sum(counted(trial) for trial in self._study.study.get_trials(deepcopy=False))
        self._tell(Done(claim.trial.number, dict(claim.trial.params), point, why, done, total))
        if self._progress is not None:
            self._progress("trials", min(done, total), total)
        return True

    def _candidate(self, claim: Claim) -> Candidate:
        """What the user's function returns for the trial."""
        settings = self._study.settings
        quantize = settings.quantize
        values: dict[str, Any] = {}
        if self._space is not None:
            values = self._space.suggest(claim.watched)
            quantize = values.get(PRECISION, quantize)
            if not takes(self._function, PRECISION):
                values.pop(PRECISION, None)
        _seed(settings.seed)
        if self._progress is not None:
            self._progress("the function makes a model", 0, 1)
        try:
            with contextlib.redirect_stdout(sys.stderr):  # what the function prints is not the command's result
                value = self._function(**values) if self._space is not None else self._function(claim.watched)
        except self._optuna.TrialPruned:
            raise
        except Exception as error:  # the user's code
            raise FunctionFailed(
                f"the function raised {type(error).__name__}",
                where=self._where,
                why=f"{first_line(error)}; its trial had {_params(claim.trial.params)}",
                hint="call it by yourself with these values to see where",
            ) from None
        if not claim.trial.params:
            raise InputError(
                "the function asks its trial for nothing",
                where=self._where,
                hint='let the trial choose: width = trial.suggest_int("width", 4, 64), or declare a --space',
            )
        return candidate_of(value, quantize, self._where)

    def _only_failed(self) -> bool:
        """Whether all trials failed, and those were enough to stop."""
        outcomes = [t.user_attrs[OUTCOME] for t in self._study.study.get_trials(deepcopy=False) if counted(t)]
        return len(outcomes) + 1 >= _HOPELESS and set(outcomes) == {"failed"}

    def _waiting(self, count: int) -> None:
        if self._progress is not None:
            self._progress(f"waiting for {count} trial{'s' if count > 1 else ''} of other workers", 0, 1)


def _seed(seed: int) -> None:
    """The same for each trial, so that a model depends on its parameters only."""
    random.seed(seed)
    np.random.seed(seed)
    torch, keras = sys.modules.get("torch"), sys.modules.get("keras")
    if torch is not None:
        torch.manual_seed(seed)
    if keras is not None:
        keras.utils.set_random_seed(seed)


def _sentence(error: TinykitError) -> str:
    return f"{error.what}: {error.why.splitlines()[0]}" if error.why else error.what


def _params(params: dict[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in params.items()) or "no parameters yet"
