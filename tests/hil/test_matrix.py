"""Models on several boards at once: each failure under its own name, the others unharmed, nothing left behind."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import tty
from pathlib import Path
from threading import Event, Thread
from typing import Any
from xml.etree import ElementTree

import pytest

from support.benches import MISBEHAVE, bench_file, broken_board
from support.commands import run_tinykit
from tinykit.errors import DeviceSilent, InputError
from tinykit.hil.history import Wanted, open_history
from tinykit.hil.inventory import load_inventory
from tinykit.hil.matrix import BenchRun, MatrixOptions, make_plan
from tinykit.hil.matrix.result import SCHEMA
from tinykit.hil.matrix.shared import Once
from tinykit.hil.place import BenchPlace
from tinykit.hil.run import RunOptions
from tinykit.process import ChildProcess

from .conftest import DIGITS, DIGITS_DATA, ROOT
from .test_reports_doc import MATRIX, ROW, walk

TINYKIT = [sys.executable, "-m", "tinykit.cli.main"]
MODEL = ("--models", DIGITS, "--data", DIGITS_DATA)
M4 = "qemu-mps2-an386"


@pytest.fixture(scope="module", autouse=True)
def _locks(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TINYKIT_LOCK_DIR", str(tmp_path_factory.mktemp("locks")))
        yield


def need(*tools: str) -> None:
    for tool in tools:
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")


def hil(bench: Path, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    command = ("hil", "run", "--bench", bench, *MODEL, *arguments)
    return run_tinykit(*command, folder=Path.cwd(), environment={**os.environ, **environment}, timeout=500)


def processes(word: str) -> list[str]:
    """Commands that run now and have a word in them."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            text = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if word in text:
            found.append(text)
    return found


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A run of four places, two of which misbehave: the folder and how the command ended."""
    need("cc", "make", "arm-none-eabi-gcc", "qemu-system-arm")
    folder = tmp_path_factory.mktemp("bench")
    once = broken_board(folder, "resets-once", M4, "reset", once=folder / "did-it")
    garbles = broken_board(folder, "garbles", M4, "garble")
    bench = bench_file(
        folder, {"host": "native", "m4": M4, "resets-once": once, "garbles": garbles}, "[timeouts]\nrun = 3\n"
    )
    files = ("--out", folder / "out", "--junit", folder / "j.xml", "--json", "-", "--history", folder / "h.db")
    run = hil(bench, "--limit", 20, *files, GITHUB_STEP_SUMMARY=str(folder / "summary.md"))
    return folder, run


@pytest.mark.slow
def test_the_worst_cell_decides_and_each_is_named(ran: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, run = ran
    assert run.returncode == 4, run.stderr
    matrix = json.loads(run.stdout)
    assert matrix == json.loads((folder / "out" / "matrix.json").read_text())
    cells = {cell["place"]: cell for cell in matrix["cells"]}
    assert {place: cell["status"] for place, cell in cells.items()} == {
        "host": "pass", "m4": "pass", "resets-once": "pass", "garbles": "error",
    }  # fmt: skip
    assert (matrix["result"], matrix["exit_code"]) == ("error", 4)
    (attempt,) = cells["resets-once"]["attempts"]
    assert (attempt["error"]["kind"], attempt["remedy"]) == ("DeviceReset", "started anew")
    assert cells["resets-once"]["notes"] == ["it took 2 attempts: the device restarted during RUN"]
    assert cells["garbles"]["error"]["kind"] == "DeviceDied"
    assert [a["remedy"] for a in cells["garbles"]["attempts"]] == ["started anew", None]
    assert cells["m4"]["attempts"] == []
    assert cells["m4"]["report"]["accuracy"]["identical"] == 20


@pytest.mark.slow
def test_each_result_is_in_the_history(ran: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    with open_history(str(ran[0] / "h.db"), write=False) as history:
        runs = {run.place: run for run in history.runs(Wanted())}
    assert {place: run.result for place, run in runs.items()} == {
        "host": "pass", "m4": "pass", "resets-once": "pass", "garbles": "error",
    }  # fmt: skip
    assert runs["m4"].model == "digits"


@pytest.mark.slow
def test_keys_are_the_documented_ones(ran: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    text = (ROOT / "docs" / "reports.md").read_text(encoding="utf-8")
    documented = {key for key, _ in ROW.findall(text[text.index(MATRIX) :])}
    matrix = json.loads(ran[1].stdout)
    opaque = ("cells[].attempts[].error.", "cells[].error.", "cells[].report.", "cells[].changes.")
    assert {key for key, _ in walk(matrix) if not key.startswith(opaque)} == documented
    assert matrix["schema"] == SCHEMA


@pytest.mark.slow
def test_every_place_has_its_log_and_reports(ran: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    out = ran[0] / "out"
    log = (out / "garbles.log").read_text()
    assert "digits: DeviceDied: garbles in " in log
    assert re.search(r"from the board +\d+ bytes: 55 55", log)  # what was on the line
    assert "digits: attempt 2 of 2" in log
    assert (out / "m4.log").read_text().splitlines()[-1].endswith("done")
    assert json.loads((out / "m4" / "digits" / "report.json").read_text())["result"] == "pass"
    assert json.loads((out / "garbles" / "digits" / "report.json").read_text())["result"] == "error"
    assert not (out / "garbles" / "digits" / "report.html").exists()
    assert (out / "firmware" / M4 / "digits" / "manifest.json").is_file()


@pytest.mark.slow
def test_forms_say_the_same(ran: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, run = ran
    root = ElementTree.parse(folder / "j.xml").getroot()
    errors = {suite.get("name"): suite.get("errors") for suite in root}
    assert errors == {"tinykit host": "0", "tinykit m4": "0", "tinykit resets-once": "0", "tinykit garbles": "1"}
    (error,) = root.iter("error")
    assert error.get("type") == "DeviceDied"
    summary = (folder / "summary.md").read_text()
    assert "| garbles | garbles | digits | ⚠️ error: DeviceDied |" in summary
    page = (folder / "out" / "matrix.html").read_text()
    assert "attempt 1: DeviceReset: the device restarted during RUN; started anew" in page
    assert not re.search(r"<script|https?://|<link(?! rel=\"icon\" href=\"data:)", page)
    assert "result: error  (3 passed, 1 without a result" in run.stderr  # stdout is the JSON's


@pytest.mark.slow
def test_nothing_is_left(ran: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    assert processes(str(ran[0])) == []
    assert list(Path(os.environ["TINYKIT_LOCK_DIR"]).iterdir()) == []


@pytest.mark.slow
def test_a_regression_is_red_and_its_layer_named(
    ran: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    """The baseline is a run from before a kernel became 8 % slower; of another place it has no result."""
    folder, _ = ran
    before = tmp_path / "before"
    for path in (folder / "out").rglob("report.json"):
        copy = before / path.relative_to(folder / "out")
        copy.parent.mkdir(parents=True)
        shutil.copy(path, copy)
    shutil.copy(folder / "out" / "matrix.json", before)
    report = before / "m4" / "digits" / "report.json"
    values = json.loads(report.read_text())
    slowed = max(values["latency"]["layers"], key=lambda layer: layer["value"])
    values["latency"]["p50"] -= 0.08 * values["latency"]["p50"]
    slowed["value"] -= 0.08 * values["latency"]["p50"]
    report.write_text(json.dumps(values))
    arguments = ("--limit", 20, "--baseline", before, "--out", tmp_path / "now")
    run = hil(folder / "bench.toml", "--tags", "m4", *arguments)
    assert run.returncode == 1, run.stderr
    (cell,) = json.loads((tmp_path / "now" / "matrix.json").read_text())["cells"]
    assert cell["status"] == "fail"
    assert cell["changes"]["latency.p50"] == pytest.approx(100 / 0.92 - 100, rel=1e-3)
    assert cell["changes"]["memory.flash"] == 0
    assert f"most of it in {slowed['label']}" in " ".join(run.stdout.split())
    shutil.rmtree(before / "m4")
    run = hil(folder / "bench.toml", "--tags", "m4", *arguments)
    assert run.returncode == 0
    assert "not compared with the baseline: it has no report of this" in run.stdout


@pytest.mark.slow
def test_an_interrupted_run_keeps_what_is_finished(
    ran: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    need("arm-none-eabi-gcc", "qemu-system-arm")
    hangs = broken_board(tmp_path, "hangs", M4, "hang")
    head = "[timeouts]\nrun = 300\n[retry]\nattempts = 20\n"
    bench = bench_file(tmp_path, {"host": "native", "hangs": hangs, "m4": M4}, head)
    out = tmp_path / "out"
    words = [*TINYKIT, "hil", "run", "--bench", bench, *MODEL, "--limit", 20, "--out", out, "--jobs", 1]
    process = subprocess.Popen([str(word) for word in words], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stderr is not None
    seen = []
    for line in process.stderr:
        seen.append(line)
        if "hangs: digits: retrying" in line:
            break
    deadline = time.monotonic() + 20
    while not any(str(tmp_path) in word or " hang " in word for word in processes(str(MISBEHAVE))):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    stdout, stderr = process.communicate(timeout=60)
    assert time.monotonic() - began < 10
    assert process.returncode == 130, stderr
    assert "interrupted" in stderr
    assert "Traceback" not in stderr
    matrix = json.loads((out / "matrix.json").read_text())
    status = {cell["place"]: cell["status"] for cell in matrix["cells"]}
    assert matrix["result"] == "interrupted"
    assert status["hangs"] == "stopped"
    assert "stopped" in (out / "hangs.log").read_text()
    finished = [line.split(":")[0] for line in seen if line.endswith(": digits: pass\n")]
    assert {place for place, value in status.items() if value == "pass"} == set(finished)
    assert "result: interrupted" in stdout
    assert processes(str(tmp_path)) == []
    assert [word for word in processes(str(MISBEHAVE)) if " hang " in word] == []
    assert list(Path(os.environ["TINYKIT_LOCK_DIR"]).iterdir()) == []


HOLD = """
import sys, time
from tinykit.link.port_lock import hold_port
with hold_port(sys.argv[1], "place left of other.toml"):
    print("held", flush=True)
    time.sleep(100)
"""


def test_a_port_that_another_holds_is_said_with_its_holder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINYKIT_LOCK_DIR", str(tmp_path / "locks"))  # who is killed leaves its file
    ours, theirs = os.openpty()
    port = os.ttyname(theirs)
    head = f'[[place]]\nname = "desk"\nboard = "native"\nport = "{port}"\ntimeouts = {{ lock = 0.2 }}\n'
    (tmp_path / "bench.toml").write_text(head)
    other = subprocess.Popen([sys.executable, "-c", HOLD, port], stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        run = hil(tmp_path / "bench.toml", "--limit", 2)
    finally:
        other.kill()
        other.wait()
        os.close(ours)
        os.close(theirs)
    assert run.returncode == 3
    assert f"held by place left of other.toml (process {other.pid})" in run.stdout


@pytest.mark.slow
def test_a_silent_board_is_power_cycled(tmp_path: Path) -> None:
    """The board is simulated: a firmware on a pseudo-terminal that runs only once its power was switched on."""
    need("cc", "make")
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    on, off = tmp_path / "on", tmp_path / "off"
    (tmp_path / "bench.toml").write_text(f"""
[[place]]
name = "desk"
board = "native"
port = "{os.ttyname(theirs)}"
timeouts = {{ connect = 1 }}
power = {{ kind = "command", on = "touch {on}", off = "touch {off}", off_seconds = 0.1, boot_seconds = 0.5 }}
""")
    inventory = load_inventory(tmp_path / "bench.toml")
    place = BenchPlace(inventory.slots[0], inventory.path)
    options = MatrixOptions(run=RunOptions(limit=3), data=(DIGITS_DATA,), out_dir=tmp_path / "out")
    plan = make_plan("bench.toml", (), [place], [DIGITS], options)
    over = Event()
    started: list[ChildProcess] = []

    def board() -> None:
        while not over.wait(0.05):
            if on.exists() and not started:
                (elf,) = (tmp_path / "out" / "firmware").rglob("firmware.elf")
                started.append(ChildProcess([str(elf)], stdio=ours))

    thread = Thread(target=board)
    thread.start()
    try:
        matrix = BenchRun(plan).run()
    finally:
        over.set()
        thread.join()
        for child in started:
            child.stop()
        os.close(ours)
        os.close(theirs)
    (cell,) = matrix.cells
    assert cell.status == "pass"
    (attempt,) = cell.attempts
    assert isinstance(attempt.error, DeviceSilent)
    assert attempt.remedy == "power-cycled"
    assert off.exists()
    assert list(Path(os.environ["TINYKIT_LOCK_DIR"]).iterdir()) == []
    assert re.search(r"power off\n.*power on\n", (tmp_path / "out" / "desk.log").read_text())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--tags", "m5"), "no place has 'm5'"),
        (("--models", "none.tflite"), "none.tflite: no such model file"),
        (("--models", DIGITS), "two models have the name digits"),
        (("--models", DIGITS, "--data", DIGITS_DATA, "--data", DIGITS_DATA), "3 data files for 2 models"),
        (("--baseline", "."), "there is no matrix.json in it"),
        (("--baseline", "x", "--out", "x"), "the new reports would replace the baseline"),
        (("--junit", "/nonexistent/x/j.xml", "--limit", "0"), "--limit 0 leaves no samples"),
    ],
)
def test_mistakes_are_told_before_anything_is_built(tmp_path: Path, arguments: tuple[object, ...], words: str) -> None:
    run = hil(bench_file(tmp_path, {"host": "native"}), *arguments)
    assert run.returncode == 2
    assert words in run.stderr
    assert "Traceback" not in run.stderr


def test_a_bench_that_is_not_there(tmp_path: Path) -> None:
    run = hil(tmp_path / "bench.toml")
    assert run.returncode == 2
    assert "no such bench file" in run.stderr


def test_what_is_shared_is_made_once_and_an_error_is_everybodys() -> None:
    once: Once[int] = Once(2)
    made: list[int] = []

    def make() -> int:
        time.sleep(0.05)
        made.append(1)
        raise InputError("broken")

    def ask() -> None:
        with pytest.raises(InputError, match="broken"):
            once.get("key", make)

    threads = [Thread(target=ask) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [1]
    assert once.get("other", lambda: 7) == 7
