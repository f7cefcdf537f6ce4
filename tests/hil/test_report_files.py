"""The files that a report becomes: what is in them, and that nobody sees half of one."""

from __future__ import annotations

import json
import os
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tinykit.errors import DeviceDied, InputError
from tinykit.hil.report import Report, write_reports
from tinykit.hil.report.failure import write_failure
from tinykit.hil.report.junit import render_junit

from .reports import HOSTILE, failed, hostile

NAMES = {"report.json", "report.html", "junit.xml"}


@pytest.mark.slow
def test_json_holds_the_report(native_report: Report, tmp_path: Path) -> None:
    paths = write_reports(native_report, tmp_path / "new" / "folder")
    assert {path.name for path in (tmp_path / "new" / "folder").iterdir()} == NAMES
    values = json.loads(paths["json"].read_text())
    assert values["result"] == "pass"
    assert values["latency"]["p50"] == native_report.latency.p50
    assert len(values["accuracy"]["confusion"]) == 10


def test_json_has_null_for_what_json_has_no_number_for(native_report: Report, tmp_path: Path) -> None:
    accuracy = replace(native_report.accuracy, device=float("nan"), host=float("inf"))
    paths = write_reports(replace(native_report, accuracy=accuracy), tmp_path)

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    values = json.loads(paths["json"].read_text(), parse_constant=refuse)
    assert values["accuracy"]["device"] is values["accuracy"]["host"] is None


def test_junit_of_a_pass(native_report: Report) -> None:
    suite = ElementTree.fromstring(render_junit(native_report)).find("testsuite")
    assert suite is not None
    assert suite.attrib == {
        "name": "tinykit digits on native",
        "tests": "3",
        "failures": "0",
        "errors": "0",
        "skipped": "1",
    }
    properties = {p.get("name"): p.get("value") for p in suite.iter("property")}
    assert properties["model.sha256"] == native_report.model.sha256
    assert float(properties["latency.p50.us"] or 0) == pytest.approx(native_report.latency.p50, rel=1e-4)
    assert properties["memory.flash.bytes"] == str(native_report.memory.flash)
    cases = {case.get("name"): case for case in suite.iter("testcase")}
    assert set(cases) == {"identity", "accuracy", "baseline"}
    assert {case.get("classname") for case in cases.values()} == {"native.digits"}
    assert "100 of 100 outputs identical" in (cases["identity"].findtext("system-out") or "")
    skipped = cases["baseline"].find("skipped")
    assert skipped is not None
    assert skipped.get("message") == "no baseline was given"


def test_junit_of_a_failure(native_report: Report) -> None:
    suite = ElementTree.fromstring(render_junit(failed(native_report))).find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("3", "2", "0")
    failures = {case.get("name"): case.find("failure") for case in suite.iter("testcase")}
    assert failures["accuracy"] is None
    assert failures["baseline"] is not None
    assert failures["baseline"].text == failures["baseline"].get("message") == "flash grew by 9 %"
    assert failures["identity"] is not None


def test_junit_of_hostile_names_is_well_formed(native_report: Report) -> None:
    suite = ElementTree.fromstring(render_junit(hostile(native_report))).find("testsuite")
    assert suite is not None
    assert "<script>" in (suite.get("name") or "")
    assert "{{ 7 * 7 }}" in (suite.get("name") or "")


def test_junit_and_json_of_a_test_that_was_not_finished(native_report: Report, tmp_path: Path) -> None:
    write_reports(native_report, tmp_path)
    write_failure(DeviceDied("it died", why=HOSTILE), HOSTILE, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == NAMES - {"report.html"}
    assert json.loads((tmp_path / "report.json").read_text())["error"]["kind"] == "DeviceDied"
    root = ElementTree.parse(tmp_path / "junit.xml").getroot()
    suite, error = root.find("testsuite"), root.find("testsuite/testcase/error")
    assert suite is not None
    assert (suite.get("tests"), suite.get("errors"), suite.get("failures")) == ("1", "1", "0")
    assert error is not None
    assert (error.get("type"), error.get("message")) == ("DeviceDied", "it died")


def test_any_name_can_be_written(native_report: Report, tmp_path: Path) -> None:
    paths = write_reports(hostile(native_report), tmp_path)
    assert json.loads(paths["json"].read_text())["model"]["name"] == HOSTILE
    assert ElementTree.parse(paths["junit"]).getroot().tag == "testsuites"
    assert "{{ 7 * 7 }}" in paths["html"].read_text(encoding="utf-8")


def test_a_new_report_replaces_the_old_one_at_once(native_report: Report, tmp_path: Path) -> None:
    with ExitStack() as stack:
        readers = [stack.enter_context(path.open()) for path in write_reports(native_report, tmp_path).values()]
        new = write_reports(failed(native_report), tmp_path)
        # whoever was reading still has all of the old file: it was not written over
        assert json.loads(readers[0].read())["result"] == "pass"
        assert json.loads(new["json"].read_text())["result"] == "fail"
        for reader, path in zip(readers, new.values(), strict=True):
            assert os.fstat(reader.fileno()).st_ino != path.stat().st_ino


@pytest.mark.parametrize("blocked", sorted(NAMES))
def test_nothing_half_written_is_left(native_report: Report, tmp_path: Path, blocked: str) -> None:
    (tmp_path / blocked).mkdir()  # to which no file can be renamed
    with pytest.raises(InputError, match="cannot write the report") as caught:
        write_reports(native_report, tmp_path)
    assert str(tmp_path) in str(caught.value)
    left = {path.name for path in tmp_path.iterdir()}
    assert blocked in left <= NAMES
    if "report.json" in left - {blocked}:
        json.loads((tmp_path / "report.json").read_text())
    assert not list((tmp_path / blocked).iterdir())


def test_a_folder_that_is_a_file(native_report: Report, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(InputError, match="cannot write the report"):
        write_reports(native_report, tmp_path / "out")
    assert (tmp_path / "out").read_text() == "mine"
