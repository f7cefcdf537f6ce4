"""A history in an SQLite file, and the report that the runs in it are made of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.postgres import postgres_server
from tinykit.hil.history import History, open_history

pytest.importorskip("sqlalchemy")


@pytest.fixture
def url(tmp_path: Path) -> str:
    return str(tmp_path / "history.db")


@pytest.fixture
def history(url: str) -> Iterator[History]:
    with open_history(url, write=True) as opened:
        yield opened


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a database server that is started for the tests."""
    with postgres_server() as server:
        yield server
