"""Which commit a result belongs to."""

from __future__ import annotations

import shutil
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from tinykit.errors import InputError
from tinykit.hil.history.origin import origin_of
from tinykit.hil.history.since import parse_since

NOW = datetime(2026, 3, 8, tzinfo=timezone.utc)


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.org")
    done = subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a commit and a folder."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    folder = tmp_path / "project"
    (folder / "models").mkdir(parents=True)
    git(folder.parent, "init", "-q", "project")
    (folder / "models" / "a.txt").write_text("a")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")
    return folder


def test_the_commit_and_whether_files_differ_from_it(project: Path) -> None:
    commit = git(project, "rev-parse", "HEAD")
    for folder in (project, project / "models"):
        origin = origin_of(folder)
        assert (origin.commit, origin.dirty) == (commit, False)
    (project / "new.txt").write_text("results and firmware that nobody added do not count")
    assert not origin_of(project).dirty
    (project / "models" / "a.txt").write_text("b")
    assert origin_of(project).dirty
    assert not (project / ".git" / "index.lock").exists()


def test_no_commit(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert origin_of(tmp_path).commit is None
    assert origin_of(tmp_path / "nowhere").commit is None
    git(tmp_path, "init", "-q", "empty")
    assert origin_of(tmp_path / "empty").commit is None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert origin_of(project).commit is None


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("36h", NOW - timedelta(hours=36)),
        ("7d", NOW - timedelta(days=7)),
        (" 2w ", NOW - timedelta(weeks=2)),
        ("2026-03-01T00:00+02:00", datetime(2026, 2, 28, 22, tzinfo=timezone.utc)),
        ("2026-03-01", datetime(2026, 3, 1).astimezone()),
    ],
)
def test_since(text: str, when: datetime) -> None:
    assert parse_since(text, NOW) == when


@pytest.mark.parametrize("text", ["", "7", "7m", "-7d", "yesterday", "999999999w", "2026-13-01", "7d 3h"])
def test_no_time(text: str) -> None:
    with pytest.raises(InputError, match="is not a time"):
        parse_since(text, NOW)
