"""The record: figures of an earlier run, in a file that is kept with the sources."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from tinykit.bench.row import Row
from tinykit.errors import InputError
from tinykit.files import write_file

SCHEMA = 2
GUARDED = ("latency", "arena", "flash", "alone")
"""What must not grow."""

_Count = Annotated[int, Field(ge=0)]


class _Entry(BaseModel):
    model_config = ConfigDict(strict=True)
    unit: str
    latency: FiniteFloat
    arena: _Count
    flash: _Count
    alone: int | None
    crc: str


class _Record(BaseModel):
    model_config = ConfigDict(strict=True)
    schema_: int = Field(alias="schema")
    rows: dict[str, _Entry | str]


Record = Mapping[str, "_Entry | str"]
"""By ``Row.key`` its figures, or why it did not fit."""


def load_record(path: Path) -> Record:
    """Read a record.

    Raises:
        InputError: the file cannot be read, or is none.
    """
    if path.is_dir():
        raise InputError("cannot read the record", where=str(path), why="it is a folder", hint="name a file in it")
    hint = "make one with --record"
    try:
        record = _Record.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise InputError("cannot read the record", where=str(path), why=error.strerror, hint=hint) from None
    except (ValueError, RecursionError) as error:
        why = str(error)
        if isinstance(error, ValidationError):
            first = error.errors()[0]
            why = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise InputError("this is no record of a benchmark", where=str(path), why=why, hint=hint) from None
    if record.schema_ != SCHEMA:
        raise InputError(
            "this record is of another version of tinykit",
            where=str(path),
            why=f"schema {record.schema_}, not {SCHEMA}",
            hint=hint,
        )
    return record.rows


def save_record(path: Path, rows: Sequence[Row]) -> None:
    """Write the rows; those that a record there has, and these do not, stay.

    Raises:
        InputError: what is there is no record, or cannot be written.
    """
    kept: dict[str, Any] = {}
    if path.exists():
        kept = _raw(path)
    kept |= {row.key: row.why if row.figures is None else asdict(row.figures) for row in rows}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, json.dumps({"schema": SCHEMA, "rows": kept}, indent=1, sort_keys=True) + "\n")
    except OSError as error:
        raise InputError("cannot write the record", where=str(path), why=error.strerror) from None


def _raw(path: Path) -> dict[str, Any]:
    load_record(path)  # that it is one
    rows = json.loads(path.read_text(encoding="utf-8"))["rows"]
    assert isinstance(rows, dict)
    return rows


def regressions(rows: Sequence[Row], record: Record, most: float) -> list[str]:
    """What is worse than in the record, one line each.

    Args:
        most: growth in percent that is let pass.
    """
    found = []
    for row in rows:
        before = record.get(row.key)
        if before is None or isinstance(before, str):
            continue
        now = row.figures
        if now is None:
            found.append(f"{row.key}: no longer fits: {row.why}")
            continue
        if now.unit != before.unit:
            found.append(f"{row.key}: counted in {now.unit}, the record in {before.unit}")
            continue
        for name in GUARDED:
            old, new = getattr(before, name), getattr(now, name)
            if old is not None and new is not None and new > old + abs(old) * most / 100:
                label = now.unit if name == "latency" else name
                found.append(f"{row.key}: {label} grew from {old:,.0f} to {new:,.0f}")
        if now.crc != before.crc:
            found.append(f"{row.key}: the output changed from {before.crc} to {now.crc}")
    return found
