"""Writes the files of a matrix."""

from __future__ import annotations

import json
from pathlib import Path

from tinykit.errors import InputError
from tinykit.files import write_file
from tinykit.hil.matrix.figures import MEANINGS, history, shown, titles, verdict
from tinykit.hil.matrix.junit import render_junit
from tinykit.hil.matrix.result import Matrix
from tinykit.hil.report.html import environment
from tinykit.hil.report.write import finite


def matrix_text(matrix: Matrix) -> str:
    """matrix.json: numbers that JSON cannot hold become null."""
    return json.dumps(finite(matrix.to_json()), indent=2, allow_nan=False) + "\n"


def matrix_html(matrix: Matrix) -> str:
    """matrix.html: one page that loads nothing. All text of the matrix is escaped."""
    template = environment().get_template("matrix.html.j2")
    return template.render(m=matrix, titles=titles, shown=shown, history=history, verdict=verdict, meanings=MEANINGS)


def write_matrix(matrix: Matrix, directory: Path) -> None:
    """Write matrix.json, matrix.html and junit.xml into ``directory``.

    Raises:
        InputError: the folder cannot be written.
    """
    files = {"matrix.json": matrix_text(matrix), "matrix.html": matrix_html(matrix), "junit.xml": render_junit(matrix)}
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            write_file(directory / name, content.encode("utf-8", "replace"))
    except OSError as error:
        raise InputError(
            "cannot write the report", where=str(directory), why=error.strerror or str(error), hint="give another --out"
        ) from None
