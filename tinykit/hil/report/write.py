"""Writes a report's files."""

from __future__ import annotations

import json
from pathlib import Path

from tinykit.errors import InputError
from tinykit.files import write_file
from tinykit.hil.report.html import render_html
from tinykit.hil.report.junit import render_junit
from tinykit.hil.report.model import Report


def write_reports(report: Report, directory: Path) -> dict[str, Path]:
    """Write report.json, report.html and junit.xml into ``directory``.

    Returns:
        The paths by form: "json", "html", "junit".

    Raises:
        InputError: the folder cannot be written.
    """
    contents = {
        "json": ("report.json", to_json_text(report)),
        "html": ("report.html", render_html(report)),
        "junit": ("junit.xml", render_junit(report)),
    }
    paths = {}
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for form, (name, content) in contents.items():
            paths[form] = directory / name
            write_file(paths[form], content.encode("utf-8", "replace"))  # names of files may hold lone surrogates
    except OSError as error:
        raise InputError(
            "cannot write the report", where=str(directory), why=error.strerror or str(error), hint="give another --out"
        ) from None
    return paths


def to_json_text(report: Report) -> str:
    """report.json: numbers that JSON cannot hold (NaN, infinities) become null."""
    return json.dumps(finite(report.to_json()), indent=2, allow_nan=False) + "\n"


def finite(value: object) -> object:
    """JSON values with None for numbers that JSON cannot hold."""
    if isinstance(value, float):
        return value if value - value == 0 else None
    if isinstance(value, dict):
        return {key: finite(v) for key, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(v) for v in value]
    return value
