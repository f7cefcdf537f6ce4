"""A history of an earlier schema becomes one of this: whole, or not at all."""

from __future__ import annotations

import sqlite3

import pytest
import sqlalchemy

from tinykit.errors import InputError
from tinykit.hil.history import History, Origin, open_history, schema
from tinykit.hil.report import Report


def add_column(connection: sqlalchemy.Connection) -> None:
    connection.execute(sqlalchemy.text("ALTER TABLE tinykit_runs ADD COLUMN joules FLOAT"))


def break_off(connection: sqlalchemy.Connection) -> None:
    connection.execute(sqlalchemy.text("ALTER TABLE tinykit_runs ADD COLUMN half FLOAT"))
    raise RuntimeError("the power went")


def columns(url: str) -> list[str]:
    with sqlite3.connect(url) as connection:
        return [row[1] for row in connection.execute("PRAGMA table_info(tinykit_runs)")]


def schema_of(url: str) -> list[tuple[int]]:
    with sqlite3.connect(url) as connection:
        return connection.execute("SELECT schema FROM tinykit_history").fetchall()


@pytest.mark.parametrize("write", [True, False])
def test_an_earlier_schema_is_brought_up_to_date(
    history: History, url: str, native_report: Report, monkeypatch: pytest.MonkeyPatch, write: bool
) -> None:
    history.add(native_report, Origin())
    assert schema_of(url) == [(2,)]
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, add_column, lambda connection: None))
    with open_history(url, write=write) as opened:
        assert len(opened.runs()) == 1
    assert schema_of(url) == [(4,)]
    assert columns(url)[-1] == "joules"
    with open_history(url, write=write) as opened:  # not twice
        assert len(opened.runs()) == 1


def test_a_migration_that_breaks_off_changes_nothing(
    history: History, url: str, native_report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    history.add(native_report, Origin())
    before = columns(url)
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, add_column, break_off))
    with pytest.raises(InputError, match="the power went"):
        open_history(url, write=True)
    assert (schema_of(url), columns(url)) == ([(2,)], before)
    assert len(history.runs()) == 1


def test_a_new_history_has_the_newest_schema_at_once(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "MIGRATIONS", (break_off,))
    with open_history(url, write=True):
        assert schema_of(url) == [(2,)]


@pytest.mark.parametrize("write", [True, False])
def test_a_history_without_energy_gets_it(history: History, url: str, native_report: Report, write: bool) -> None:
    history.add(native_report, Origin())
    now = columns(url)
    with sqlite3.connect(url) as connection:  # as schema 1 was
        for name in ("energy", "energy_sync"):
            connection.execute(f"ALTER TABLE tinykit_runs DROP COLUMN {name}")
        connection.execute("UPDATE tinykit_history SET schema = 1")
    with open_history(url, write=write) as opened:
        (run,) = opened.runs()
    assert (run.energy, run.energy_sync, run.result) == (None, None, "pass")
    assert (sorted(columns(url)), schema_of(url)) == (sorted(now), [(2,)])
