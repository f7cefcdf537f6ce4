"""How commands print: JSON on stdout, tables on stdout, progress on stderr."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from tinykit.hil.measure import Progress

_PLAIN_INTERVAL = 5.0
"""Seconds between plain progress lines, where the output is no terminal."""


def console(*, stderr: bool = False) -> Console:
    """A Rich console: colours on a terminal, plain text elsewhere (80 columns, unless COLUMNS says otherwise)."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, soft_wrap=False)


def print_json(value: Any) -> None:
    """A JSON value on stdout."""
    print(json.dumps(value, indent=2, allow_nan=False))


def write_text(target: str, text: str) -> None:
    """``text`` into a file, or to stdout for "-".

    Raises:
        InputError: the file cannot be written.
    """
    from tinykit.errors import InputError
    from tinykit.files import write_file

    if target == "-":
        sys.stdout.write(text)
        return
    path = Path(target)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, text)
    except OSError as error:
        raise InputError(
            "cannot write the file", where=target, why=error.strerror or str(error), hint="give another path"
        ) from None


def check_writable(target: str) -> None:
    """That ``write_text`` will be able to write there, asked before the work whose result it is.

    Raises:
        InputError: it will not.
    """
    from tinykit.errors import InputError

    if target == "-":
        return
    path = Path(target)
    existing = next(folder for folder in [path.absolute(), *path.absolute().parents] if folder.exists())
    if existing == path.absolute():
        why = "it is a folder" if path.is_dir() else None
        existing = existing.parent
    else:
        why = None if existing.is_dir() else f"{existing} is no folder"
    if why is None and not os.access(existing, os.W_OK):
        why = f"{existing} may not be written"
    if why is not None:
        raise InputError("cannot write the file", where=target, why=why, hint="give another path")


@contextlib.contextmanager
def progress_bar() -> Iterator[Progress]:
    """A function that shows progress: a bar on a terminal, now and then a line elsewhere. All on stderr."""
    if not sys.stderr.isatty():
        yield _plain_progress()
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as RichProgress

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with RichProgress(*columns, console=console(stderr=True), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def show(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done, total=total)

        yield show


def _plain_progress() -> Progress:
    last: dict[str, float] = {}

    def show(what: str, done: int, total: int) -> None:
        now = time.monotonic()
        first = what not in last
        if first or done == total or now - last[what] >= _PLAIN_INTERVAL:
            last[what] = now
            count = f": {done} of {total}" if total > 1 else ""
            if first or done != total or total > 1:
                print(f"{what}{count}", file=sys.stderr, flush=True)

    return show
