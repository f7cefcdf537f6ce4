"""A report as JUnit XML, for CI systems: one test case per check."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from tinykit.hil.report.checks import checks_of
from tinykit.hil.report.model import Report


def render_junit(report: Report) -> str:
    """The XML document."""
    checks = checks_of(report)
    failed = sum(check.status == "fail" for check in checks)
    skipped = sum(check.status == "skip" for check in checks)
    suite = ElementTree.Element(
        "testsuite",
        name=f"tinykit {clean(report.model.name)} on {report.board}",
        tests=str(len(checks)),
        failures=str(failed),
        errors="0",
        skipped=str(skipped),
    )
    properties = ElementTree.SubElement(suite, "properties")
    for name, value in (
        ("model.sha256", report.model.sha256),
        ("build.id", report.build.id),
        ("engine", report.engine),
        (f"latency.p50.{report.latency.unit}", f"{report.latency.p50:g}"),
        ("memory.flash.bytes", str(report.memory.flash)),
        ("memory.arena.bytes", str(report.memory.arena)),
    ):
        ElementTree.SubElement(properties, "property", name=name, value=value)
    for check in checks:
        case = ElementTree.SubElement(
            suite, "testcase", classname=f"{report.board}.{clean(report.model.name)}", name=check.name
        )
        if check.status == "fail":
            ElementTree.SubElement(case, "failure", message=clean(check.text)).text = clean(check.text)
        elif check.status == "skip":
            ElementTree.SubElement(case, "skipped", message=clean(check.text))
        else:
            ElementTree.SubElement(case, "system-out").text = clean(check.text)
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def clean(text: str) -> str:
    """Text without the characters that XML 1.0 cannot hold, escaped or not (its production 2, "Char")."""
    return re.sub("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "?", text)
