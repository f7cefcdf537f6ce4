"""A test that cannot be finished leaves reports that say why, and nothing of an earlier test."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tinykit.errors import DeviceError, DeviceMissing, InputError, TinykitError, ToolMissing
from tinykit.firmware import Image
from tinykit.hil.report import Report, write_reports
from tinykit.hil.run import RunOptions, run_model, run_project

from .conftest import DIGITS, DIGITS_DATA

OPTIONS = RunOptions(data=DIGITS_DATA, limit=5)


@pytest.fixture
def out(native_report: Report, tmp_path: Path) -> Path:
    """A folder with the reports of an earlier test."""
    write_reports(native_report, tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture
def project(native_image: Image, tmp_path: Path) -> Path:
    """A built project that may be damaged."""
    return Path(shutil.copytree(native_image.project.root, tmp_path / "project"))


def firmware_of(project: Path, native_image: Image) -> Path:
    return project / native_image.elf.relative_to(native_image.project.root)


def error_in(out: Path, error: TinykitError) -> dict[str, Any]:
    """The error that the reports tell; they have to agree with each other and with ``error``."""
    assert {path.name for path in out.iterdir()} - {"firmware"} == {"report.json", "junit.xml"}
    report = json.loads((out / "report.json").read_text())
    assert report["result"] == "error"
    told: dict[str, Any] = report["error"]
    case = ElementTree.parse(out / "junit.xml").getroot().find("testsuite/testcase/error")
    assert case is not None
    assert case.get("type") == told["kind"] == type(error).__name__
    assert case.get("message") == told["what"] == error.what
    assert told["exit_code"] == error.exit_code
    return told


def test_a_device_that_ends(project: Path, native_image: Image, out: Path) -> None:
    # an ELF file as before, which this computer refuses to run as a firmware does not: it leaves at once
    shutil.copyfile(shutil.which("true") or "/bin/true", firmware_of(project, native_image))
    with pytest.raises((DeviceError, InputError)) as caught:
        run_project(project, OPTIONS, out_dir=out)
    assert error_in(out, caught.value)["kind"] in {"DeviceDied", "DeviceSilent"}


def test_a_port_that_is_missing(project: Path, out: Path) -> None:
    with pytest.raises(DeviceMissing) as caught:
        run_project(project, RunOptions(limit=1, port="/dev/tty-that-is-not-there"), out_dir=out)
    assert error_in(out, caught.value)["exit_code"] == 3


def test_a_project_that_is_not_built(project: Path, native_image: Image, out: Path) -> None:
    firmware_of(project, native_image).unlink()
    with pytest.raises(InputError) as caught:
        run_project(project, OPTIONS, out_dir=out)
    assert "not built" in error_in(out, caught.value)["what"]


@pytest.mark.slow
def test_a_tool_that_is_missing(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(ToolMissing) as caught:
        run_model(DIGITS, "qemu-mps2-an386", OPTIONS, out_dir=out)
    # zig, where it is installed, stands in for the compiler; nothing does for the emulator
    assert "not found" in error_in(out, caught.value)["what"]


def test_a_wrong_data_file(out: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        run_model(DIGITS, "native", RunOptions(data=tmp_path / "none.npz"), out_dir=out)
    assert error_in(out, caught.value)["where"].endswith("none.npz")
    assert not (out / "firmware").exists()


def test_the_error_comes_through_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(InputError, match="cannot read the data file"):
        run_model(DIGITS, "native", RunOptions(data=tmp_path / "none.npz"), out_dir=tmp_path / "out")
    assert (tmp_path / "out").read_text() == "a file"


@pytest.mark.slow
def test_a_whole_run_keeps_firmware_and_reports(native_image: Image, out: Path) -> None:
    first = run_model(DIGITS, "native", OPTIONS, out_dir=out)
    assert {path.name for path in out.iterdir()} == {"firmware", "report.json", "report.html", "junit.xml"}
    assert json.loads((out / "report.json").read_text())["accuracy"]["n"] == 5
    again = run_project(out / "firmware", OPTIONS)
    assert (again.build, again.memory) == (first.build, first.memory)
