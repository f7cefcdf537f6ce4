"""Writing files so that nobody ever sees half of one."""

from __future__ import annotations

import os
import tempfile
import threading
from pathlib import Path

from tinykit.errors import InputError

_umask_lock = threading.Lock()
"""It can be read only by setting it, for all threads."""


def write_file(path: Path, content: str | bytes) -> None:
    """Write ``content`` under a temporary name in the same folder, then rename it to ``path``.

    Text is written as UTF-8 with "\\n" line ends. Existing permissions of a replaced file are not kept.

    Raises:
        OSError: as open() and os.replace() raise it; no temporary file is left behind.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        with _umask_lock:
            umask = os.umask(0)
            os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)  # noqa: PTH101 - mkstemp made it private
        os.replace(temporary, path)  # noqa: PTH105
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def make_folder(path: Path) -> None:
    """Make ``path`` and what is above it, unless it is there, and see that something can be put into it.

    Raises:
        InputError: it is a file, or may not be made or written.
    """
    why = None
    try:
        path.mkdir(parents=True, exist_ok=True)
        if not os.access(path, os.W_OK | os.X_OK):
            why = "it may not be written"
    except OSError as error:
        why = "it is a file" if path.is_file() else error.strerror or str(error)
    if why is not None:
        raise InputError("cannot write the folder", where=str(path), why=why, hint="give another --out folder")


def write_report(path: Path, content: str, option: str) -> None:
    """Write a report where the user's ``option`` said, folders included.

    Raises:
        InputError: the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, content)
    except OSError as error:
        raise InputError(
            "cannot write the report", where=str(path), why=error.strerror or str(error), hint=f"give another {option}"
        ) from None


def cache_dir() -> Path:
    """Where things are kept that can be made or fetched again; it may not exist yet.

    $XDG_CACHE_HOME/tinykit, else ~/.cache/tinykit (XDG Base Directory Specification).
    """
    base = os.environ.get("XDG_CACHE_HOME", "")
    # The specification: relative paths are invalid and to be ignored.
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".cache") / "tinykit"
