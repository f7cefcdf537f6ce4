"""A recording from a file, as if it were made now: of another instrument, or for tests.

The first line names the columns: ``seconds``, ``amps`` and ``volts``, and optionally ``marker`` (0 or 1).
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import numpy as np

from tinykit.errors import InputError
from tinykit.hil.energy.samples import MOST_AMPS, MOST_VOLTS, Samples

_COLUMNS = ("seconds", "amps", "volts")
_MARKER = "marker"


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
            rows = csv.reader(file, strict=True)
            names = next(rows, [])
            wanted = _columns(names, path)
            values = np.array([_row(row, names, wanted, f"{path}, line {rows.line_num}") for row in rows if row])
    except OSError as error:
        raise InputError("cannot read the recording", where=str(path), why=error.strerror or str(error)) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError("cannot read the recording", where=str(path), why=str(error)) from None
    if len(values) < 2 or not (np.diff(values[:, 0]) > 0).all():
        raise InputError("needs two samples or more, with rising times", where=str(path))
    return Samples(values[:, 0], values[:, 1], values[:, 2], values[:, 3] == 1 if len(wanted) > 3 else None)


def _columns(names: Sequence[str], path: Path) -> list[int]:
    """Where seconds, amps, volts and, if there is one, the marker are."""
    for name in (*_COLUMNS, _MARKER):
        if names.count(name) > 1:
            raise InputError(f"two columns {name!r}", where=str(path), hint="keep one of them")
        if name not in names and name != _MARKER:
            raise InputError(f"no column {name!r}", where=str(path), hint="the first line names the columns")
    return [names.index(name) for name in (*_COLUMNS, _MARKER) if name in names]


def _row(row: Sequence[str], names: Sequence[str], wanted: Sequence[int], where: str) -> list[float]:
    if len(row) != len(names):
        raise InputError(f"{len(row)} cells, the first line has {len(names)}", where=where)
    values = [_number(row[column], where) for column in wanted]
    if values[3:] not in ([], [0.0], [1.0]):
        raise InputError(f"the marker is {row[wanted[3]]!r}", where=where, hint="write 0 (low) or 1 (high)")
    for what, value, most in (("A", values[1], MOST_AMPS), ("V", values[2], MOST_VOLTS)):
        if abs(value) > most:
            raise InputError(
                f"no board has {value:g} {what}", where=where, why=f"the most that can be is {most:g} {what}"
            )
    return values


def _number(text: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not np.isfinite(value):
        raise InputError(f"{text!r} is no number", where=where)
    return value
