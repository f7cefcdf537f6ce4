"""What is left behind when a test could not be finished: the same files, saying why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from tinykit.errors import TinykitError
from tinykit.files import write_file
from tinykit.hil.report.junit import clean
from tinykit.hil.report.model import SCHEMA


def failure_value(error: TinykitError, schema: int) -> dict[str, Any]:
    """What a report as JSON says of a test that ended with an error."""
    return {"schema": schema, "result": "error", "error": error_json(error)}


def failure_text(error: TinykitError) -> str:
    """report.json of a test that ended with an error."""
    return json.dumps(failure_value(error, SCHEMA), indent=2) + "\n"


def error_json(error: TinykitError) -> dict[str, Any]:
    """An error as JSON values."""
    return {
        "kind": type(error).__name__,
        "what": error.what,
        "where": error.where,
        "why": error.why,
        "hint": error.hint,
        "exit_code": error.exit_code,
    }


def write_failure(error: TinykitError, name: str, directory: Path) -> None:
    """Write report.json and junit.xml for a test that ended with ``error``, and remove report.html of an earlier one.

    Raises:
        OSError: the folder cannot be written.
    """
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "report.html").unlink(missing_ok=True)
    write_file(directory / "report.json", failure_text(error))
    suite = ElementTree.Element(
        "testsuite", name=f"tinykit {clean(name)}", tests="1", failures="0", errors="1", skipped="0"
    )
    case = ElementTree.SubElement(suite, "testcase", classname=clean(name), name="run")
    ElementTree.SubElement(case, "error", type=type(error).__name__, message=clean(error.what)).text = clean(
        error.render()
    )
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    write_file(directory / "junit.xml", ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n")
