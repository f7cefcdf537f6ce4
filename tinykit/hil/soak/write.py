"""The files of a soak test: one that grows while it runs, and what is made of it at the end."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from tinykit.errors import InputError
from tinykit.files import write_file
from tinykit.hil.report.html import environment
from tinykit.hil.report.write import finite
from tinykit.hil.soak.drawing import picture
from tinykit.hil.soak.model import Incident, Soak, Window

_MOST_WRONG = 100
"""Wrong outputs that are kept with their text; all are counted."""


def soak_text(soak: Soak) -> str:
    """soak.json: numbers that JSON cannot hold become null."""
    return json.dumps(finite(soak.to_json()), indent=2, allow_nan=False) + "\n"


def soak_svg(soak: Soak) -> str:
    """soak.svg: latency and stack over time, and what happened. All text is escaped."""
    return environment().get_template("soak.svg.j2").render(s=soak, p=picture(soak))


class Journal:
    """Adds to a soak test, and to ``soak.jsonl`` at once: a line for the test, then one for each window and incident.

    Whoever kills the program loses the window that was under way. ``finish`` writes soak.json and soak.svg.

    Args:
        folder: None writes nothing.

    Raises:
        InputError: the folder cannot be written.
    """

    def __init__(self, soak: Soak, folder: Path | None) -> None:
        self._soak = soak
        self._folder = folder
        self._file: TextIO | None = None

    def __enter__(self) -> Journal:
        if self._folder is not None:
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                for old in ("soak.json", "soak.svg"):
                    (self._folder / old).unlink(missing_ok=True)  # of an earlier test
                self._file = (self._folder / "soak.jsonl").open("w", encoding="utf-8", errors="replace")
            except OSError as error:
                raise self._cannot_write(error) from None
        soak = self._soak
        self._append(
            "soak", {name: getattr(soak, name) for name in ("model", "board", "build_id", "unit", "asked", "started")}
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def window(self, window: Window) -> None:
        self._soak.windows.append(window)
        self._append("window", asdict(window))

    def incident(self, incident: Incident) -> None:
        if incident.kind == "wrong" and self._soak.wrong > _MOST_WRONG:
            return
        self._soak.incidents.append(incident)
        self._append("incident", asdict(incident))

    def finish(self) -> None:
        """Write the files that need the whole test."""
        if self._folder is None:
            return
        try:
            write_file(self._folder / "soak.json", soak_text(self._soak))
            write_file(self._folder / "soak.svg", soak_svg(self._soak))
        except OSError as error:
            raise self._cannot_write(error) from None

    def _append(self, what: str, values: dict[str, Any]) -> None:
        if self._file is None:
            return
        try:
            self._file.write(json.dumps(finite({"is": what, **values}), allow_nan=False) + "\n")
            self._file.flush()
        except OSError as error:
            raise self._cannot_write(error) from None

    def _cannot_write(self, error: OSError) -> InputError:
        return InputError(
            "cannot write the results",
            where=str(self._folder),
            why=error.strerror or str(error),
            hint="give another --out",
        )
