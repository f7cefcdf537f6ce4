"""Where a result comes from: the commit of the user's project, and the computer."""

from __future__ import annotations

import os
import platform
import re
from dataclasses import dataclass
from pathlib import Path

from tinykit.process import run_lines

_PATIENCE = 20.0
"""Seconds that git may take; `git status` reads every file of a project that was just copied."""
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\n?")
"""SHA-1 or SHA-256, in full."""


@dataclass(frozen=True)
class Origin:
    """``commit`` is None outside of a repository; ``dirty``: tracked files differ from it; ``host`` is a name."""

    commit: str | None = None
    dirty: bool = False
    host: str = ""


def origin_of(folder: Path) -> Origin:
    """The state of the git repository that ``folder`` is in; no commit where there is none, or no git."""
    host = platform.node()
    commit = _git(folder, "rev-parse", "--verify", "-q", "HEAD")
    if commit is None or len(commit) != 1 or not _COMMIT.fullmatch(commit[0]):
        return Origin(host=host)
    changed = _git(folder, "status", "--porcelain", "--untracked-files=no")
    return Origin(commit[0].strip(), dirty=bool(changed), host=host)


def _git(folder: Path, *arguments: str) -> list[str] | None:
    """Lines that a git command printed; None where it failed."""
    lines: list[str] = []
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}  # leaves no lock if it is ended
    try:
        status = run_lines(("git", "-C", str(folder), *arguments), lines.append, timeout=_PATIENCE, env=environment)
    except OSError:
        return None
    return lines if status == 0 else None
