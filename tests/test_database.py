"""URLs of databases are shown without their passwords, and what drivers say of them, too."""

from __future__ import annotations

import pytest

from tinykit.database import missing_driver, shown_url, without_password


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("history.db", "history.db"),
        ("a@b:c.db", "a@b:c.db"),
        ("sqlite:///history.db", "sqlite:///history.db"),
        ("postgresql://host/x", "postgresql://host/x"),
        ("postgresql://me@host/x", "postgresql://me@host/x"),
        ("postgresql://me:secret@host:1/x", "postgresql://me@host:1/x"),
        ("postgresql://me:sec:r@et@host/x", "postgresql://me@host/x"),
        ("postgresql:///x?host=/run&password=secret&user=me", "postgresql:///x?host=/run&password=***&user=me"),
        ("postgresql://host/x?PASSWORD=secret", "postgresql://host/x?PASSWORD=***"),
    ],
)
def test_no_password_is_shown(url: str, shown: str) -> None:
    assert shown_url(url) == shown


@pytest.mark.parametrize("url", ["postgresql://me:sec%20ret@host/x", "postgresql:///x?password=sec%20ret"])
def test_what_drivers_say_is_shown_without_it(url: str) -> None:
    assert without_password("no: sec ret and sec%20ret\x1b", url) == "no: *** and ***?"
    assert without_password("no password", "history.db") == "no password"


@pytest.mark.parametrize(
    ("module", "words"),
    [("psycopg", "pip install 'psycopg[binary]'"), ("cx_Oracle", "the driver that SQLAlchemy names")],
)
def test_the_package_of_a_driver_is_named(module: str, words: str) -> None:
    error = missing_driver("x://me:secret@host", "history", ModuleNotFoundError("no", name=module))
    assert words in str(error.hint)
    assert "secret" not in error.render()
