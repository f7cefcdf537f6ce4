"""Reaches the database of a history: opens it, makes its tables, says what is wrong with it."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tinykit.database import missing_driver, shown_url, without_password
from tinykit.errors import InputError, TinykitError, ToolMissing
from tinykit.text import first_line

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

PATIENCE = 30.0
"""Seconds to wait for an SQLite file that another program is writing: far more than a result takes to be written."""
_MAGIC = b"SQLite format 3\0"
"""How a file begins: "Database File Format" of SQLite's documentation, section 1.2."""
_CONNECT = 10
"""Seconds to wait for a PostgreSQL server."""


def check_url(text: str) -> str:
    """See that a text names an SQLite file or a PostgreSQL database.

    Raises:
        InputError: it does not.
    """
    scheme = text.partition("://")[0].partition("+")[0] if "://" in text else "sqlite"
    if not text or scheme not in ("sqlite", "postgresql"):
        raise InputError(
            "histories are kept in SQLite or PostgreSQL",
            where=shown_url(text) or None,
            hint="give a file, or postgresql://user@host/database",
        )
    return text


def connect(url: str, *, write: bool, patience: float) -> Engine:
    """An engine whose database has the tables of a history. Arguments and errors are those of ``open_history``."""
    check_url(url)
    try:
        import sqlalchemy  # noqa: F401
    except ImportError as error:
        raise ToolMissing(
            "histories need the extra [history], which is not installed",
            why=first_line(error),
            # not "tinykit[...]": on PyPI that name belongs to another project
            hint="pip install 'sqlalchemy>=2.0'\n       (or, in a checkout: pip install -e '.[history]')",
        ) from None
    with explained(url):
        engine = _sqlite(url, write, patience) if _path(url) else _server(url)
        try:
            _prepare(engine, url, write, patience)
        except BaseException:
            engine.dispose()
            raise
    return engine


def _path(url: str) -> Path | None:
    """The file of an SQLite history; None of another database."""
    if "://" not in url:
        return Path(url)
    if not url.startswith("sqlite"):
        return None
    name = url.partition("://")[2].partition("?")[0].removeprefix("/")
    if not name:
        raise InputError("a history in memory is gone at once", where=url, hint="give a file")
    return Path(name)


def _sqlite(url: str, write: bool, patience: float) -> Engine:
    from sqlalchemy import NullPool, create_engine, event

    path = _path(url)
    assert path is not None
    if path.is_dir():
        raise InputError("the history is a folder", where=str(path), hint="give a file in it")
    if write:
        path.parent.mkdir(parents=True, exist_ok=True)
    elif not path.exists():
        raise InputError("there is no such history", where=str(path), hint="make one: tinykit run ... --history FILE")
    if path.is_file():
        with path.open("rb") as file:
            if file.read(len(_MAGIC)) not in (b"", _MAGIC):  # SQLite takes a short file for an empty one
                raise _foreign(url, "it is no SQLite file")
    base = path.absolute().as_uri()

    def opened(mode: str) -> sqlite3.Connection:
        # transactions are begun below: the module's own would begin too late, after what is read first
        return sqlite3.connect(
            f"{base}?mode={mode}", uri=True, timeout=patience, isolation_level=None, check_same_thread=False
        )

    def for_reading() -> sqlite3.Connection:
        connection = opened("rw")  # its last user removes the log, which one with mode=ro cannot
        if not _readable(connection):
            # A file in WAL mode wants two more beside it, which a folder that may not be written cannot get. Nobody
            # else writes there either, unless there is a log already.
            connection.close()
            connection = opened("ro&immutable=1")
        connection.execute("PRAGMA query_only=ON")
        return connection

    engine = create_engine("sqlite://", creator=lambda: opened("rwc") if write else for_reading(), poolclass=NullPool)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # a writer takes the lock before it reads: two that read first would both have to give up
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def _readable(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        return "unable to open" not in str(error) and "readonly" not in str(error)
    except sqlite3.DatabaseError:
        return True  # it is no database: whoever reads next says so
    return True


def _server(url: str) -> Engine:
    from sqlalchemy import create_engine, make_url

    given = make_url(url)
    options = {} if "connect_timeout" in given.query else {"connect_timeout": _CONNECT}
    return create_engine(given, connect_args=options, pool_pre_ping=True)


def _prepare(engine: Engine, url: str, write: bool, patience: float) -> None:
    """See what there is, and make what has to be made."""
    from tinykit.hil.history import schema

    with engine.begin() as connection:
        try:
            there = schema.found(connection)
        except ValueError as error:
            raise _foreign(url, str(error)) from None
        if there is not None and there > schema.newest():
            raise InputError(
                "the history was written by a newer tinykit",
                where=shown_url(url),
                why=f"its schema is {there}, this tinykit knows those up to {schema.newest()}",
                hint="use that tinykit, or another file",
            )
        if write and there is not None and engine.dialect.name == "sqlite":
            schema.try_to_write(connection)  # SQLite lets a writer begin where it may only read
        tables = schema.others(connection) if there is None else []
    if there == schema.newest():
        return
    if not write:
        if there is None:
            raise _foreign(url, "it has no tables of tinykit's")
        connect(url, write=True, patience=patience).dispose()  # an older schema
        return
    if tables and engine.dialect.name == "sqlite":
        raise _foreign(url, f"it has other tables: {', '.join(sorted(tables)[:5])}")
    if engine.dialect.name == "sqlite":
        _retried(lambda: _set_wal(engine), patience)
    with engine.begin() as connection:
        schema.bring_up_to_date(connection)


def _set_wal(engine: Engine) -> None:
    """Have readers and a writer not wait for each other. The file remembers it."""
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()


def _retried(act: Callable[[], None], patience: float) -> None:
    """SQLite does not wait for another program when it changes the mode of a file."""
    end = time.monotonic() + patience
    while True:
        try:
            return act()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > end:
                raise
        time.sleep(0.05)


def _foreign(url: str, why: str) -> InputError:
    return InputError(
        "this is no history of tinykit's",
        where=shown_url(url),
        why=why,
        hint="give a file that `--history` made, or one that does not exist yet",
    )


@contextlib.contextmanager
def explained(url: str) -> Iterator[None]:
    """Whatever SQLAlchemy and a driver raise, as an error of ours."""
    try:
        yield
    except TinykitError:
        raise
    except ImportError as error:
        raise missing_driver(url, "history", error) from None
    except Exception as error:  # no list is complete: each driver has its own
        why = without_password(first_line(error.__cause__ or error), url)
        if _path(url) is None:
            what = "the history's database cannot be used"
            hint = "check the URL (postgresql://user:password@host/database), and that the database is up"
        elif "locked" in why:
            what = "another program holds the history"
            hint = "wait until it has ended, or look for one that hangs"
        elif "readonly" in why or "unable to open" in why or isinstance(error, OSError):
            what = "the history cannot be opened, or not be written"
            hint = "check the permissions of the file and its folder, and the space on the disk"
        else:
            what = "this is no history of tinykit's, or a damaged one"
            hint = "give a file that `--history` made, or one that does not exist yet"
        raise InputError(what, where=shown_url(url), why=why, hint=hint) from None
