"""Keeps what a test ends with, be it a report or an error, in the history that the user named, if any."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tinykit.errors import BuildFailed, DeviceError, TinykitError
from tinykit.firmware import load_project
from tinykit.hil.history.origin import Origin, origin_of
from tinykit.hil.history.store import History, open_history
from tinykit.hil.report.model import Report


@dataclass(frozen=True)
class Subject:
    """What is tested, known before there is a report: names of model and board, and the engine."""

    model: str
    board: str
    engine: str


def tested_project(root: Path) -> Subject:
    """What is tested with a firmware that was built earlier.

    Raises:
        InputError: ``root`` is no project.
    """
    project = load_project(root)
    return Subject(project.model_name, project.board.name, project.engine)


@dataclass(frozen=True)
class Recorder:
    """``history`` is None where nothing is to be kept."""

    history: History | None
    origin: Origin

    def add(self, report: Report, *, place: str | None = None) -> None:
        """Keep a report; ``place`` is where in a bench the board is.

        Raises:
            InputError: the history cannot be written.
        """
        if self.history is not None:
            self.history.add(report, self.origin, place=place)

    def add_failure(self, error: TinykitError, tested: Callable[[], Subject], *, place: str | None = None) -> None:
        """Keep that a device misbehaved or a firmware could not be built; a mistake of the user's is no result.

        Raises:
            InputError: the history cannot be written.
        """
        if self.history is not None and isinstance(error, (DeviceError, BuildFailed)):
            what = tested()
            self.history.add_failure(error, what.model, what.board, self.origin, engine=what.engine, place=place)


@contextlib.contextmanager
def recorder(url: str | None, folder: Path) -> Iterator[Recorder]:
    """A recorder for tests that are about to begin: a history that cannot be used should not cost one.

    Args:
        url: of the history; None to keep nothing.
        folder: of the user's project.

    Raises:
        InputError, ToolMissing: the history cannot be used.
    """
    if url is None:
        yield Recorder(None, Origin())
        return
    with open_history(url, write=True) as history:
        yield Recorder(history, origin_of(folder))
