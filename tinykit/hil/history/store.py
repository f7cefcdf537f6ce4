"""Histories: an SQLite file, or a PostgreSQL database by its URL."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, field
from datetime import datetime, timezone
from types import TracebackType
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from tinykit.database import shown_url
from tinykit.errors import InputError, TinykitError
from tinykit.hil.history.connect import PATIENCE, connect, explained
from tinykit.hil.history.origin import Origin
from tinykit.hil.history.run import Run, run_of, stamp, unfinished
from tinykit.hil.report.model import Report
from tinykit.hil.report.write import to_json_text
from tinykit.text import first_line

if TYPE_CHECKING:
    from sqlalchemy import Engine

_LARGEST = (1 << 63) - 1
"""Number of a run that a database can hold."""
_REPORT_BYTES = 64 << 20
"""A kept report that grows larger than this when it is unpacked is not one of ours."""


@dataclass(frozen=True)
class Wanted:
    """Which runs: all, or those of these models, boards (or places) and engines, since then."""

    models: tuple[str, ...] = ()
    boards: tuple[str, ...] = ()
    engines: tuple[str, ...] = ()
    since: datetime | None = field(default=None)


class History:
    """An open history; several threads and several processes may use it at once. Made by ``open_history``."""

    def __init__(self, engine: Engine, url: str) -> None:
        self._engine = engine
        self._given = url
        self.url = shown_url(url)
        """Without its password."""

    def __enter__(self) -> History:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._engine.dispose()

    def add(self, report: Report, origin: Origin, *, place: str | None = None, at: datetime | None = None) -> int:
        """Keep a report.

        Args:
            place: where in a bench the board is, if it is in one.
            at: when the test ended; now by default.

        Returns:
            The run's number.

        Raises:
            InputError: the history cannot be written.
        """
        packed = zlib.compress(to_json_text(report).encode("utf-8", "replace"), 6)
        return self._insert(run_of(report, origin, place, at or _now()), packed)

    def add_failure(
        self,
        error: TinykitError,
        model: str,
        board: str,
        origin: Origin,
        *,
        engine: str = "aot",
        place: str | None = None,
        at: datetime | None = None,
    ) -> int:
        """Keep that a test could not be finished. Arguments, result and errors are as of ``add``."""
        return self._insert(unfinished(error, model, board, engine, origin, place, at or _now()), None)

    def runs(self, wanted: Wanted | None = None) -> list[Run]:
        """Runs in the order of time.

        Raises:
            InputError: the history cannot be read, or has a row that tinykit did not write.
        """
        from sqlalchemy import or_, select

        from tinykit.hil.history.schema import RUNS

        wanted = wanted or Wanted()
        query = select(*(column for column in RUNS.c if column.name != "report")).order_by(RUNS.c.at, RUNS.c.number)
        if wanted.models:
            query = query.where(RUNS.c.model.in_(wanted.models))
        if wanted.boards:
            query = query.where(or_(RUNS.c.board.in_(wanted.boards), RUNS.c.place.in_(wanted.boards)))
        if wanted.engines:
            query = query.where(RUNS.c.engine.in_(wanted.engines))
        if wanted.since is not None:
            query = query.where(RUNS.c.at >= stamp(wanted.since))
        with explained(self._given), self._engine.begin() as connection:
            rows = [dict(row) for row in connection.execute(query).mappings()]
        return [self._run(row) for row in rows]

    def report(self, number: int) -> dict[str, Any] | None:
        """The whole report of a run, as JSON values; None of one that was not finished.

        Raises:
            InputError: there is no such run, or what is kept of it is no report.
        """
        from sqlalchemy import select

        from tinykit.hil.history.schema import RUNS

        rows = []
        if 0 < number <= _LARGEST:  # no database takes others
            with explained(self._given), self._engine.begin() as connection:
                rows = list(connection.execute(select(RUNS.c.report).where(RUNS.c.number == number)))
        if not rows:
            raise InputError(f"there is no run {number}", where=self.url, hint="see `tinykit hil history --json`")
        if rows[0][0] is None:
            return None
        try:
            unpacker = zlib.decompressobj()
            text = unpacker.decompress(rows[0][0], _REPORT_BYTES)
            value = json.loads(text)
            if not unpacker.eof or not isinstance(value, dict):
                raise ValueError("it is incomplete")
        except (zlib.error, TypeError, ValueError, RecursionError) as error:
            raise self._damaged(number, first_line(error)) from None
        return value

    def _insert(self, run: Run, packed: bytes | None) -> int:
        from sqlalchemy import insert

        from tinykit.hil.history.schema import RUNS

        values = {**run.model_dump(exclude={"number"}), "report": packed}
        with explained(self._given), self._engine.begin() as connection:
            number: int = connection.execute(insert(RUNS).values(values)).inserted_primary_key[0]  # type: ignore[index]
        return number

    def _run(self, row: dict[str, Any]) -> Run:
        try:
            return Run.model_validate(row)
        except ValidationError as error:
            first = error.errors()[0]
            raise self._damaged(row.get("number"), f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None

    def _damaged(self, number: object, why: str) -> InputError:
        return InputError(
            f"run {number} of the history is damaged",
            where=self.url,
            why=why,
            hint=f"delete it: DELETE FROM tinykit_runs WHERE number = {number}",
        )


def open_history(url: str, *, write: bool, patience: float = PATIENCE) -> History:
    """Open a history.

    Args:
        url: a path of an SQLite file, or a database's URL.
        write: results are to be added; the file and the tables are made if they are not there.
        patience: seconds to wait for an SQLite file that another program holds.

    Raises:
        InputError: it cannot be opened, is no history, or one of a newer tinykit.
        ToolMissing: SQLAlchemy, or the database's driver, is not installed.
    """
    return History(connect(url, write=write, patience=patience), url)


def _now() -> datetime:
    return datetime.now(timezone.utc)
