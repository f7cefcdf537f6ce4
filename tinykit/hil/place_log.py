"""The log of one place: what was done and what happened, with the time."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO

from tinykit.errors import InputError
from tinykit.text import printable


class PlaceLog:
    """A file that grows line by line, so that it says how far things went however they end.

    Raises:
        InputError: it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._started = time.monotonic()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # closed in __exit__
            self._file: IO[str] = path.open("w", encoding="utf-8", errors="replace", buffering=1)
        except OSError as error:
            raise InputError(
                "cannot write the log", where=str(path), why=error.strerror or str(error), hint="give another --out"
            ) from None
        self.say(f"log begun at {datetime.now().astimezone().isoformat(timespec='seconds')}")

    def say(self, text: str) -> None:
        """One entry; further lines of it are indented."""
        first, *rest = text.splitlines() or [""]
        self._file.write(f"{time.monotonic() - self._started:9.3f}  {printable(first)}\n")
        for line in rest:
            self._file.write(f"{'':11}{printable(line)}\n")

    def __enter__(self) -> PlaceLog:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
