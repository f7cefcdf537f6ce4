"""Soak tests of seconds: on this computer and in QEMU, with agents that are well and agents that are not.

The agents that are not well are the real ones with a few lines more, which go wrong on purpose.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from support.probe import need_tools
from tinykit.board import load_board
from tinykit.cli.main import app
from tinykit.errors import InputError
from tinykit.firmware import Image
from tinykit.firmware.from_model import build_model
from tinykit.hil.run import RunOptions
from tinykit.hil.soak import Soak, SoakOptions, Window, soak_project
from tinykit.hil.soak.terminal import soak_lines
from tinykit.hil.soak.trend import trend

from .conftest import DIGITS, DIGITS_DATA

M4 = "qemu-mps2-an386"
HOURS = 0.002
WRONG = "if (number == 30) { *(uint8_t *)(uintptr_t)tk_model.output(0) ^= 1; }"
RESET = "if (number == 200) { tk_port_reset(); }"
SLOW = "for (volatile unsigned i = 0; i < number * 400; i++) { }"
LEAK = "deep(number / 8 < 60 ? number / 8 : 60);"


def misbehaving(image: Image, folder: Path, code: str) -> Path:
    """A copy of a project whose agent does ``code`` after each inference; ``number`` is how many there were."""
    root = Path(shutil.copytree(image.project.root, folder / "project"))
    source = root / "src" / "agent" / "tk_run.c"
    text = source.read_text()
    assert text.count("    tk_model.run();\n") == 1
    text = text.replace(
        "    tk_model.run();\n", f"    tk_model.run();\n    static unsigned number;\n    number++;\n{code}\n"
    )
    deep = (
        "static void deep(unsigned n)\n{\n    volatile uint8_t room[16];\n    room[0] = (uint8_t)n;\n"
        "    if (n > 0) { deep(n - 1); }\n    room[1] = room[0];\n}\n"
    )
    if "deep(" in code:
        text = text.replace("static uint64_t run_once", f"{deep}\nstatic uint64_t run_once")
    source.write_text(text)
    subprocess.run(["make", "-s", "-C", str(root)], check=True, timeout=120)
    return root


def soak(root: Path, out: Path | None = None, hours: float = HOURS) -> Soak:
    return soak_project(root, SoakOptions(hours, run=RunOptions(data=DIGITS_DATA, limit=20)), out_dir=out)


@pytest.fixture(scope="module")
def m4_image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    need_tools(M4)
    return build_model(DIGITS, load_board(M4), tmp_path_factory.mktemp("m4") / "firmware")


@pytest.mark.slow
def test_a_device_that_is_well(native_image: Image, tmp_path: Path) -> None:
    found = soak(native_image.project.root, tmp_path)
    assert (found.wrong, found.restarts, found.incidents, len(found.boots)) == (0, 0, [], 1)
    assert found.inferences == sum(window.inferences for window in found.windows) > 100
    assert found.seconds >= 3600 * HOURS
    assert {path.name for path in tmp_path.iterdir()} == {"soak.jsonl", "soak.json", "soak.svg"}
    lines = [json.loads(line) for line in (tmp_path / "soak.jsonl").read_text().splitlines()]
    assert [line["is"] for line in lines] == ["soak"] + ["window"] * len(found.windows)
    whole = json.loads((tmp_path / "soak.json").read_text())
    assert whole["inferences"] == found.inferences
    assert {key: lines[1][key] for key in whole["windows"][0]} == whole["windows"][0]
    assert ElementTree.parse(tmp_path / "soak.svg").getroot().tag.endswith("svg")


@pytest.mark.slow
def test_a_wrong_output_and_a_restart_are_noticed(native_image: Image, tmp_path: Path) -> None:
    found = soak(misbehaving(native_image, tmp_path, WRONG + RESET), tmp_path / "out", hours=0.001)
    assert found.wrong == sum(incident.kind == "wrong" for incident in found.incidents)
    assert found.wrong in (len(found.boots) - 1, len(found.boots))  # the last boot may not have come that far
    assert found.restarts == len(found.boots) - 1 > 0
    assert len(set(found.boots)) == len(found.boots)
    assert found.result == "fail"
    assert found.failures()[0].endswith(f"outputs differ from {found.compared_with}")
    wrong, restart = found.incidents[:2]
    assert wrong.kind == "wrong"
    assert wrong.inference == 30
    assert "expected" in wrong.text
    assert restart.kind == "restart"
    assert restart.inference == 199
    assert "restart" in (tmp_path / "out" / "soak.svg").read_text()


@pytest.mark.slow
def test_an_emulated_board_that_is_well(m4_image: Image) -> None:
    found = soak(m4_image.project.root)
    assert found.result == "pass", found.failures()
    assert found.stack_growth() == 0
    assert found.stack_size > 0
    latency = found.latency_trend()
    assert latency is not None
    assert abs(latency.change) < 0.01


@pytest.mark.slow
@pytest.mark.parametrize(("code", "failure"), [(SLOW, "latency drifts: +"), (LEAK, "the stack's mark rose by")])
def test_drift_is_noticed(m4_image: Image, tmp_path: Path, code: str, failure: str) -> None:
    found = soak(misbehaving(m4_image, tmp_path, code))
    assert found.wrong == found.restarts == 0
    (told,) = found.failures()
    assert told.startswith(failure)


@pytest.mark.slow
def test_a_killed_test_has_its_lines_and_one_that_is_stopped_its_report(native_image: Image, tmp_path: Path) -> None:
    for number in (signal.SIGKILL, signal.SIGINT):
        out = tmp_path / number.name
        command = [sys.executable, "-m", "tinykit.cli.main", "hil", "soak", str(native_image.project.root)]
        command += ["--hours", "1", "--out", str(out), "--no-reference"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
            journal = out / "soak.jsonl"
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline and not (journal.exists() and '"window"' in journal.read_text()):
                time.sleep(0.2)
            os.kill(process.pid, number)
            shown = process.communicate(timeout=30)[0]
        lines = journal.read_text().splitlines()
        assert json.loads(lines[-1])["is"] == "window"
        if number == signal.SIGKILL:
            assert not (out / "soak.json").exists()
            continue
        assert process.returncode == 130
        assert "stopped before its time\nresult: interrupted\n" in shown
        told = json.loads((out / "soak.json").read_text())
        assert (told["stopped"], told["result"]) == (True, "interrupted")


def window(at: float, latency: float = 100.0, stack: int | None = 400) -> Window:
    return Window(at, 10, latency, latency, latency, 4096, stack, 0, 30, 0, 0)


def made_of(windows: list[Window]) -> Soak:
    return Soak("m", "b", "0", "us", "host", 60.0, 0.05, "", inferences=10, windows=windows)


def test_a_trend_needs_to_be_clear_and_large() -> None:
    assert trend(range(7), range(7)) is None
    rising = trend([0, 3600, 7200, 10800, 14400, 18000, 21600, 25200], [10, 12, 14, 16, 18, 20, 22, 24])
    assert rising is not None
    assert (rising.slope, rising.points) == (2.0, 8)
    assert rising.p < 0.001
    assert rising.change == pytest.approx(14 / 17)
    still = trend(range(3000), [5.0] * 3000)
    assert still is not None
    assert (still.slope, still.change, still.p, still.points) == (0, 0, 1, 3000)
    outliers = trend(range(40), [1000.0 if i % 8 == 0 else 10.0 for i in range(40)])
    assert outliers is not None
    assert outliers.slope == 0


def test_verdicts() -> None:
    assert made_of([window(i) for i in range(20)]).result == "pass"
    assert "drifts" in made_of([window(i, 100 + i) for i in range(20)]).failures()[0]
    assert made_of([window(i, 100 + i / 10) for i in range(20)]).result == "pass"
    # a first window that is slow, and a mark that rises until everything was done once
    assert made_of([window(0, 500), *(window(i, stack=400 + 8 * min(i, 4)) for i in range(1, 20))]).result == "pass"
    assert made_of([window(i, stack=400 + 8 * i) for i in range(20)]).stack_growth() == 72
    assert made_of([window(i, stack=400 if i == 15 else 480) for i in range(20)]).stack_growth() == 80
    assert made_of([window(i, stack=None) for i in range(20)]).stack_growth() is None
    assert made_of([]).result == "pass"


@pytest.mark.parametrize("hours", [0.0, -1.0, float("nan"), float("inf")])
def test_wrong_hours(hours: float) -> None:
    with pytest.raises(InputError, match="is no time"):
        SoakOptions(hours)


def test_a_test_that_was_stopped_has_not_passed() -> None:
    stopped = made_of([window(i) for i in range(20)])
    stopped.stopped = True
    assert stopped.result == "interrupted"
    assert soak_lines(stopped)[-1] == "result: interrupted"


def test_a_folder_that_is_a_file_is_told_before_the_test(native_image: Image, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    command = ["hil", "soak", str(native_image.project.root), "--hours", "1", "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(app, command)
    assert isinstance(result.exception, InputError)
    assert "it is a file" in str(result.exception)
    assert "result" not in result.output
    assert (tmp_path / "out").read_text() == "mine"


def test_a_wrong_drift_names_its_option() -> None:
    command = ["hil", "soak", str(DIGITS), "--board", "native", "--hours", "1", "--max-drift", "x"]
    result = CliRunner().invoke(app, command)
    assert isinstance(result.exception, InputError)
    assert "--max-drift 5%" in str(result.exception)


def test_a_model_needs_a_board() -> None:
    result = CliRunner().invoke(app, ["hil", "soak", str(DIGITS), "--hours", "1"])
    assert isinstance(result.exception, InputError)
    assert "which board?" in str(result.exception)
