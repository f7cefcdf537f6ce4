"""A recording from a file, as if it were made now: of another instrument, or for tests.

The first line names the columns: ``seconds``, ``amps`` and ``volts``, and optionally ``marker`` (0 or 1).
"""

from __future__ import annotations

import csv
from pathlib import Path
from types import TracebackType

import numpy as np

from tinykit.errors import InputError
from tinykit.hil.energy.samples import Samples

_COLUMNS = ("seconds", "amps", "volts")


class CsvReplay:
    """The recording in a file.

    Raises:
        InputError: the file cannot be read, or a line is not as it should be.
    """

    def __init__(self, path: Path) -> None:
        self.description = f"replay of {path.name}"
        self._samples = _read(path)

    def __enter__(self) -> CsvReplay:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def start(self) -> None:
        """The file's own time is that of the recording."""

    def stop(self) -> Samples:
        """All of the file."""
        return self._samples


def _read(path: Path) -> Samples:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = csv.DictReader(file)
            names = rows.fieldnames or []
            missing = [name for name in _COLUMNS if name not in names]
            if missing:
                raise InputError(f"no column {missing[0]!r}", where=str(path), hint="the first line names the columns")
            marked = "marker" in names
            wanted = (*_COLUMNS, "marker") if marked else _COLUMNS
            values = np.array([[_number(row[name], path, rows.line_num) for name in wanted] for row in rows])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError("cannot read the recording", where=str(path), why=str(error)) from None
    if len(values) < 2 or not (np.diff(values[:, 0]) > 0).all():
        raise InputError("needs two samples or more, with rising times", where=str(path))
    return Samples(values[:, 0], values[:, 1], values[:, 2], values[:, 3] > 0.5 if marked else None)


def _number(text: object, path: Path, line: int) -> float:
    try:
        value = float(str(text))
    except ValueError:
        value = float("nan")
    if not np.isfinite(value):
        raise InputError(f"{text!r} is no number", where=f"{path}, line {line}")
    return value
