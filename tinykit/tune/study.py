"""Studies: Optuna's, in an SQLite file or in any database that SQLAlchemy knows."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinykit.convert.extras import require
from tinykit.database import missing_driver, shown_url, without_password
from tinykit.errors import InputError, TinykitError
from tinykit.text import first_line
from tinykit.tune.settings import Settings

SETTINGS, TOTAL, AGAINST = "tinykit:settings", "tinykit:trials", "tinykit:against"
_LOCKED = 60
"""Seconds to wait for an SQLite file that another worker is writing."""


@dataclass(frozen=True)
class Study:
    """A study and what it was made with.

    Attributes:
        study: optuna.Study; ``storage`` the optuna.storages.RDBStorage under it.
        url: of the storage, without its password.
        settings: of all trials.
        stale_after: seconds after which the trial of a worker that is not heard of counts as lost.
    """

    study: Any
    storage: Any
    url: str
    settings: Settings
    stale_after: int

    @property
    def name(self) -> str:
        return str(self.study.study_name)

    @property
    def total(self) -> int:
        """How many trials there are to be."""
        return int(self.study.user_attrs[TOTAL])

    @contextlib.contextmanager
    def heartbeat(self, trial: Any) -> Iterator[None]:
        """Tell the other workers that a trial is being worked on."""
        stop = threading.Event()

        def beat() -> None:
            while True:
                # a database that does not answer now may answer the next time; the trial itself will tell
                with contextlib.suppress(Exception):
                    self.storage.record_heartbeat(trial._trial_id)
                if stop.wait(max(0.5, self.stale_after / 4)):
                    return

        thread = threading.Thread(target=beat, daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


def load_optuna() -> Any:
    """Optuna, without what it logs.

    Raises:
        ToolMissing: it is not installed.
    """
    optuna: Any = require("optuna", "tune", "searches")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    logging.getLogger("alembic").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="optuna")  # heartbeats are called experimental
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
    return optuna


def storage_url(text: str) -> str:
    """A database's URL; a path is that of an SQLite file."""
    return text if "://" in text else f"sqlite:///{text}"


def create_study(url: str, name: str, settings: Settings, trials: int, stale_after: int) -> Study:
    """Make a study, or join the one of that name.

    Args:
        trials: how many there are to be; a study that has more keeps them.

    Raises:
        InputError: the storage cannot be used, or the study was made with other settings.
        ToolMissing: a driver is missing.
    """
    optuna = load_optuna()
    with _explained(url):
        storage = _open(optuna, url, stale_after, create=True)
        directions = ["maximize" if o == "accuracy" else "minimize" for o in settings.objectives]
        try:
            study = optuna.create_study(storage=storage, study_name=name, directions=directions)
            study.set_user_attr(TOTAL, trials)
            study.set_user_attr(SETTINGS, settings.to_json())  # last: it says that all is there
        except optuna.exceptions.DuplicatedStudyError:
            study = optuna.load_study(study_name=name, storage=storage)
        found = Study(study, storage, shown_url(url), _settings(study, shown_url(url)), stale_after)
        if found.settings != settings and not any(
            trial.state.name in ("COMPLETE", "RUNNING") for trial in study.get_trials(deepcopy=False)
        ):  # nothing came of it: the function was wrong, say, and has been mended
            optuna.delete_study(study_name=name, storage=storage)
            return create_study(url, name, settings, trials, stale_after)
        found.settings.require_same(settings, f"study {name!r}")
        if trials > found.total:
            study.set_user_attr(TOTAL, trials)
    return found


def join_study(url: str, name: str | None, stale_after: int) -> Study:
    """Find a study that somebody made.

    Args:
        name: None where the storage has just one.

    Raises:
        InputError: the storage cannot be used, there is no such study, or several.
    """
    optuna = load_optuna()
    with _explained(url):
        storage = _open(optuna, url, stale_after, create=False)
        names = optuna.get_all_study_names(storage=storage)
        if (name is None and len(names) != 1) or (name is not None and name not in names):
            raise InputError(
                f"there is no study {name!r}" if name else "there are several studies" if names else "there is none",
                where=shown_url(url),
                why=f"it holds {', '.join(sorted(names))}" if names else "it holds no study",
                hint="give --study with one of them" if names else "begin one with `tinykit tune`, then start workers",
            )
        study = optuna.load_study(study_name=name or names[0], storage=storage)
        return Study(study, storage, shown_url(url), _settings(study, shown_url(url)), stale_after)


def _open(optuna: Any, url: str, stale_after: int, *, create: bool) -> Any:
    arguments: dict[str, Any] = {}
    if url.startswith("sqlite"):
        path = Path(url.partition(":///")[2])
        if not create and not path.is_file():
            raise InputError(
                "there is no such study file", where=str(path), hint="begin one with `tinykit tune`, then start workers"
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        arguments["connect_args"] = {"timeout": _LOCKED}
    for attempt in range(5):
        try:
            return optuna.storages.RDBStorage(
                url,
                engine_kwargs=arguments,
                heartbeat_interval=max(1, stale_after // 4),
                grace_period=stale_after,
                heartbeat_stale_trial_callback=_run_again,
            )
        except Exception as error:
            # two that begin at once both make the tables
            if attempt == 4 or "already exists" not in str(error):
                raise
            time.sleep(0.5)
    raise AssertionError


def _run_again(study: Any, trial: Any) -> None:
    """Put the parameters of a lost trial back."""
    if trial.params:
        study.enqueue_trial(trial.params)


def _settings(study: Any, where: str) -> Settings:
    for _ in range(20):  # who makes a study writes them after it
        value = study.user_attrs.get(SETTINGS)
        if value is not None:
            return Settings.from_json(value, where)
        if study.get_trials(deepcopy=False):
            break
        time.sleep(0.1)
    raise InputError(
        f"study {study.study_name!r} was not made by `tinykit tune`",
        where=where,
        hint="give another --study, or another --storage",
    )


@contextlib.contextmanager
def _explained(url: str) -> Iterator[None]:
    """Whatever SQLAlchemy, Alembic and a driver raise, as an error of ours."""
    try:
        yield
    except TinykitError:
        raise
    except ImportError as error:
        raise missing_driver(url, "storage", error) from None
    except Exception as error:  # no list is complete: each driver has its own
        cause = error.__cause__ or error
        kind = "is not a study that can be read" if url.startswith("sqlite") else "cannot be used"
        raise InputError(
            f"the storage {kind}",
            where=shown_url(url),
            why=without_password(first_line(cause), url),
            hint="give a file that `tinykit tune` made, or one that does not exist yet"
            if url.startswith("sqlite")
            else "check the URL (postgresql://user:password@host/database), and that the database is up",
        ) from None
