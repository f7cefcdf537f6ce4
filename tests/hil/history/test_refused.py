"""Histories that cannot be used: each is said in words, without a password, and is left as it was."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from support.slow import rest_slow
from tinykit.errors import InputError, ToolMissing
from tinykit.hil.history import Origin, open_history
from tinykit.hil.history.store import History
from tinykit.hil.report import Report


def refused(url: str, *, write: bool = True, patience: float = 0.3) -> str:
    with pytest.raises((InputError, ToolMissing)) as caught:
        open_history(url, write=write, patience=patience)
    assert caught.value.hint
    return caught.value.render()


@pytest.mark.parametrize("write", [True, False])
@pytest.mark.parametrize("content", [b"x" * 5000, b"SQLite format 3\0" + b"\xff" * 5000, b"\0", b"hello\n"])
def test_a_file_that_is_no_database(tmp_path: Path, content: bytes, write: bool) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    assert "notes.txt: this is no history of tinykit's" in refused(str(path), write=write)
    assert path.read_bytes() == content


@pytest.mark.parametrize("write", [True, False])
def test_a_database_of_somebody_else(tmp_path: Path, write: bool) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE things (x)")
    before = path.read_bytes()
    text = refused(str(path), write=write)
    assert "this is no history of tinykit's" in text
    assert path.read_bytes() == before


def test_an_empty_file_becomes_a_history_only_for_a_writer(tmp_path: Path) -> None:
    path = tmp_path / "empty.db"
    path.touch()
    assert "this is no history of tinykit's" in refused(str(path), write=False)
    with open_history(str(path), write=True) as history:
        assert history.runs() == []


@pytest.mark.parametrize("write", [True, False])
def test_one_of_a_newer_tinykit(history: History, url: str, write: bool) -> None:
    with sqlite3.connect(url) as connection:
        connection.execute("UPDATE tinykit_history SET schema = 99")
    text = refused(url, write=write)
    assert "the history was written by a newer tinykit" in text
    assert "its schema is 99, this tinykit knows those up to 2" in text


@pytest.mark.parametrize("change", ["DELETE FROM tinykit_history", "UPDATE tinykit_history SET schema = 'one'",
                                    "UPDATE tinykit_history SET schema = 0",
                                    "INSERT INTO tinykit_history VALUES (1)"])  # fmt: skip
def test_one_that_does_not_say_its_schema(history: History, url: str, change: str) -> None:
    with sqlite3.connect(url) as connection:
        connection.execute(change)
    assert "does not say which schema this is" in refused(url)


def test_one_without_its_runs(history: History, url: str) -> None:
    with sqlite3.connect(url) as connection:
        connection.execute("DROP TABLE tinykit_runs")
    with open_history(url, write=False) as opened, pytest.raises(InputError, match="or a damaged one") as caught:
        opened.runs()
    assert "no such table: tinykit_runs" in str(caught.value.why)


def test_one_that_another_program_holds(url: str, history: History, native_report: Report) -> None:
    holder = sqlite3.connect(url, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    text = refused(url)
    assert "another program holds the history" in text
    assert "locked" in text
    holder.execute("ROLLBACK")
    with open_history(url, write=True, patience=0.3) as other:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(InputError, match="another program holds the history"):
            other.add(native_report, Origin())
        assert other.url == url
    with open_history(url, write=False, patience=0.3) as reader:
        assert reader.runs() == []
    holder.close()


def test_a_folder(tmp_path: Path) -> None:
    for write in (True, False):
        assert "the history is a folder" in refused(str(tmp_path), write=write)
    (tmp_path / "file").touch()
    assert "cannot be opened" in refused(str(tmp_path / "file" / "history.db"))


def test_none_to_read(tmp_path: Path) -> None:
    assert "there is no such history" in refused(str(tmp_path / "nowhere.db"), write=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["", "mysql://me:secret@host/x", "http://me:secret@x", "nodatabase://x", "://"])
def test_other_databases(url: str) -> None:
    text = refused(url)
    assert "kept in SQLite or PostgreSQL" in text
    assert "secret" not in text


def test_one_in_memory() -> None:
    assert "a history in memory is gone at once" in refused("sqlite://")


AS_NOBODY = """
import sys
sys.path[:0] = {path!r}
from tinykit.errors import TinykitError
from tinykit.hil.history import open_history
try:
    with open_history({url!r}, write={write!r}, patience=0.3) as history:
        print(len(history.runs()))
except TinykitError as error:
    print(error.render())
"""


@pytest.mark.slow
@pytest.mark.parametrize("folder", rest_slow([0o555, 0o777]))
def test_a_file_that_may_only_be_read_is_read(tmp_path: Path, native_report: Report, folder: int) -> None:
    """As an artifact of another's job, or a file on a disk that is mounted so."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("needs root, to become a user who may not write")
    place = Path("/tmp") / f"tinykit-readonly-{os.getpid()}-{folder:o}"
    place.mkdir()
    try:
        url = str(place / "history.db")
        with open_history(url, write=True) as history:
            history.add(native_report, Origin())
        Path(url).chmod(0o444)
        place.chmod(folder)

        def as_nobody(write: bool) -> str:
            code = AS_NOBODY.format(path=[p for p in sys.path if p], url=url, write=write)
            command = ["setpriv", "--reuid=65534", "--clear-groups", sys.executable, "-c", code]
            done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd="/", check=False)
            assert done.returncode == 0, done.stderr
            return done.stdout

        assert as_nobody(False) == "1\n"
        text = as_nobody(True)
        assert "the history cannot be opened, or not be written" in text
        assert "check the permissions" in text
    finally:
        shutil.rmtree(place)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE tinykit_runs SET flash = 'many'", "flash: Input should be a valid number"),
        ("UPDATE tinykit_runs SET at = 'yesterday'", "at: "),
        ("UPDATE tinykit_runs SET at = '2026-03-01'", "not a time as histories write it"),
        ("UPDATE tinykit_runs SET result = 'fine'", "result: "),
        ("UPDATE tinykit_runs SET latency = 9e999", "latency: "),
        ("UPDATE tinykit_runs SET model = x'ff00'", "model: "),
    ],
)
def test_a_row_that_tinykit_did_not_write(
    url: str, history: History, native_report: Report, change: str, words: str
) -> None:
    history.add(native_report, Origin())
    with sqlite3.connect(url) as connection:
        connection.execute(change)
    with pytest.raises(InputError, match="run 1 of the history is damaged") as caught:
        history.runs()
    assert words in str(caught.value.why)
    assert "DELETE FROM tinykit_runs WHERE number = 1" in str(caught.value.hint)


@pytest.mark.parametrize(
    "blob",
    [b"", b"no zlib", zlib.compress(b"no json"), zlib.compress(b"[1]"), zlib.compress(b'{"schema": 1}')[:-3],
     zlib.compress(b"[" * 100_000), zlib.compress(b" " * (65 << 20))],
)  # fmt: skip
def test_a_report_that_tinykit_did_not_write(url: str, history: History, native_report: Report, blob: bytes) -> None:
    number = history.add(native_report, Origin())
    with sqlite3.connect(url) as connection:
        connection.execute("UPDATE tinykit_runs SET report = ?", (blob,))
    with pytest.raises(InputError, match="run 1 of the history is damaged"):
        history.report(number)


def test_a_missing_extra_is_named(tmp_path: Path) -> None:
    (tmp_path / "sqlalchemy.py").write_text("raise ModuleNotFoundError(\"No module named 'sqlalchemy'\")")
    code = AS_NOBODY.format(path=[str(tmp_path)], url=str(tmp_path / "h.db"), write=True)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert "histories need the extra [history]" in done.stdout
    assert "pip install 'sqlalchemy>=2.0'" in done.stdout


@pytest.mark.slow
def test_a_server_that_is_not_there_or_lets_nobody_in(postgres: str) -> None:
    wrong = postgres.replace("right-horse", "wrong-horse")
    text = refused(wrong)
    assert "the history's database cannot be used" in text
    assert "password authentication failed" in text
    assert "wrong-horse" not in text
    assert "postgresql://postgres@/postgres?host=" in text
    for url in ("postgresql://me:secret@127.0.0.1:1/x", "postgresql:///x?host=127.0.0.1&port=1&password=secret"):
        text = refused(url)
        assert "the history's database cannot be used" in text
        assert "secret" not in text
    assert "secret" not in refused("postgresql://me:secret@[bad/x")
