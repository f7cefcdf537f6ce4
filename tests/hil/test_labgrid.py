"""A lab's boards: acquired, flashed, measured and given back, through labgrid's own coordinator and exporter."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.lab import PLACES, Lab, board_without_power, lab
from tinykit.board import load_board
from tinykit.firmware.from_model import build_model

from .conftest import DIGITS, DIGITS_DATA, ROOT

pytest.importorskip("labgrid")

TINYKIT = [sys.executable, "-m", "tinykit.cli.main"]
MODEL = ("--models", str(DIGITS), "--data", str(DIGITS_DATA))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Lab]:
    """The lab of the examples in ``hil/labgrid``."""
    for tool in ("arm-none-eabi-gcc", "riscv64-unknown-elf-gcc", "qemu-system-arm", "qemu-system-riscv32"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    if shutil.which("gdb-multiarch") is None:
        pytest.skip("gdb-multiarch is not installed")
    with lab(tmp_path) as found:
        yield found


def command(desk: Lab, *arguments: object, environment: bool = True) -> list[str]:
    env = ["--labgrid-env", str(desk.environment)] if environment else []
    return [*TINYKIT, "hil", "run", "--labgrid", desk.address, *env, *MODEL, *map(str, arguments)]


def hil(desk: Lab, *arguments: object, environment: bool = True) -> subprocess.CompletedProcess[str]:
    line = command(desk, *arguments, environment=environment)
    return subprocess.run(line, capture_output=True, text=True, timeout=300, cwd=desk.folder)


def started(desk: Lab, *arguments: object) -> subprocess.Popen[str]:
    """A run of all samples, over and over: it is in the middle of measuring when this returns."""
    run = subprocess.Popen(command(desk, *arguments), stderr=subprocess.PIPE, text=True, cwd=desk.folder)
    assert run.stderr is not None
    running = set[str]()
    for line in run.stderr:
        if ": running" in line:
            running.add(line.partition(":")[0])
        if running == set(PLACES):
            return run
    raise AssertionError("it never measured")


@pytest.mark.slow
def test_both_boards_pass_and_are_given_back(desk: Lab) -> None:
    run = hil(desk, "--limit", 20, "--out", "out", "--json", "matrix.json")
    assert run.returncode == 0, run.stdout + run.stderr
    matrix = json.loads((desk.folder / "matrix.json").read_text())
    assert {cell["place"]: cell["board"] for cell in matrix["cells"]} == PLACES
    for cell in matrix["cells"]:
        assert (cell["status"], cell["attempts"]) == ("pass", [])
        assert cell["report"]["accuracy"]["identical"] == 20
    assert "holds m4: socket://127.0.0.1:" in (desk.folder / "out" / "m4.log").read_text()
    assert desk.acquired() == []


@pytest.mark.slow
def test_the_suites_pass_unchanged(desk: Lab) -> None:
    line = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", str(ROOT / "hil")]
    line += ["--tinykit-labgrid", desk.address, "--tinykit-labgrid-env", str(desk.environment)]
    line += ["--tinykit-model", str(DIGITS), "--tinykit-data", str(DIGITS_DATA), "--tinykit-limit", "20"]
    run = subprocess.run(line, capture_output=True, text=True, timeout=300, cwd=ROOT)
    assert run.returncode == 0, run.stdout + run.stderr
    assert re.search(r"[1-9]\d* passed", run.stdout)
    assert "failed" not in run.stdout
    assert desk.acquired() == []


@pytest.mark.slow
def test_an_exporter_that_dies_midway_is_named_and_the_places_are_freed(desk: Lab) -> None:
    run = started(desk, "--out", "out")
    assert sorted(desk.acquired()) == sorted(PLACES)
    killed = time.monotonic()
    os.killpg(desk.exporter.pid, signal.SIGKILL)
    run.communicate(timeout=60)
    assert time.monotonic() - killed < 30
    assert run.returncode == 3
    matrix = json.loads((desk.folder / "out" / "matrix.json").read_text())
    for cell in matrix["cells"]:
        error = cell["error"]
        assert (cell["status"], error["kind"], cell["attempts"]) == ("error", "DeviceMissing", [])
        assert "the exporter no longer offers what the place is made of" in error["what"]
        assert f"desk/{cell['place']}/NetworkSerialPort/NetworkSerialPort is gone" in error["why"]
    assert desk.acquired() == []
    refused = hil(desk, "--limit", 1)
    assert refused.returncode == 3
    assert "nothing available matches desk/m4/*" in refused.stdout


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_gives_the_places_back(desk: Lab, number: signal.Signals, code: int) -> None:
    run = started(desk)
    assert sorted(desk.acquired()) == sorted(PLACES)
    run.send_signal(number)
    run.communicate(timeout=30)
    assert run.returncode == code
    assert desk.acquired() == []


@pytest.mark.slow
def test_a_coordinator_that_dies_midway_is_named(desk: Lab) -> None:
    run = started(desk, "--out", "out")
    os.killpg(desk.coordinator.pid, signal.SIGKILL)
    _, said = run.communicate(timeout=60)
    assert run.returncode == 3
    assert "labgrid cannot release the place" in said
    matrix = json.loads((desk.folder / "out" / "matrix.json").read_text())
    assert {cell["error"]["what"] for cell in matrix["cells"]} == {"the labgrid coordinator is gone"}


@pytest.mark.slow
def test_a_place_that_somebody_has_is_not_taken_and_stays_his(desk: Lab) -> None:
    desk.client("-p", "m4", "acquire")
    from tinykit.errors import DeviceMissing
    from tinykit.hil.labgrid import labgrid_places

    with labgrid_places(desk.address, desk.environment, ["m4"]) as (place,):
        place.timeouts = place.timeouts.model_copy(update={"lock": 1.0})
        with pytest.raises(DeviceMissing, match=r"the place is in use\n  why: acquired by .*/") as caught, place.hold():
            pass
    assert f"labgrid-client -x {desk.address} -p m4 release" in str(caught.value)
    assert desk.acquired() == ["m4"]


@pytest.mark.slow
def test_without_an_environment_tags_say_which_boards_there_are(desk: Lab) -> None:
    assert "no place has a tag 'board'" in hil(desk, environment=False).stderr
    desk.client("-p", "m4", "set-tags", "board=qemu-mps2-an386", "shelf=left")
    unknown = hil(desk, "--tags", "shelf=right", environment=False)
    assert unknown.returncode == 2
    assert "tags, names and boards are: board=qemu-mps2-an386, left, m4, qemu-mps2-an386, shelf=left" in unknown.stderr
    # The board is found and acquired; nothing runs on it, and nothing says how to flash it.
    desk.client("-p", "m4", "set-tags", "board=nucleo-l4r5zi", "shelf=left")
    probe = hil(desk, "--tags", "shelf=left", "--limit", 1, environment=False)
    assert "which cannot reach the lab's boards" in " ".join(probe.stdout.split())
    assert desk.acquired() == []


@pytest.mark.slow
def test_a_silent_board_is_switched_by_labgrids_power_driver(desk: Lab) -> None:
    """The board is off at first; the firmware, the same as the run builds, is in it."""
    image = build_model(DIGITS, load_board(PLACES["m4"]), desk.folder / "firmware")
    with board_without_power(PLACES["m4"], desk.folder, image.elf) as (serial, on, off):
        table = {"cmd_on": " ".join(on), "cmd_off": " ".join(off), "delay": 0.5}
        target = {
            "resources": [{"RemotePlace": {"name": "cold"}}],
            "drivers": [{"ExternalPowerDriver": table}],
            "options": {"tinykit_board": PLACES["m4"], "tinykit_flasher": "none"},
        }
        desk.environment.write_text(json.dumps({"targets": {"cold": target}}))
        port = f"{{host: 127.0.0.1, port: {serial}, protocol: raw}}"
        (desk.folder / "exporter.yaml").write_text(f"cold:\n  NetworkSerialPort: {port}\n")
        desk.exporter.stop()
        desk.export()
        desk.add("cold")
        while "desk/cold" not in desk.client("resources"):
            time.sleep(0.1)
        run = hil(desk, "--limit", 5, "--json", "matrix.json")
    assert run.returncode == 0, run.stdout + run.stderr
    (cell,) = json.loads((desk.folder / "matrix.json").read_text())["cells"]
    (attempt,) = cell["attempts"]
    assert (attempt["error"]["kind"], attempt["remedy"]) == ("DeviceSilent", "power-cycled")
    assert desk.acquired() == []


LOADER = """
import subprocess
import attr
from labgrid import target_factory
from labgrid.driver import Driver, ExecutionError
from labgrid.protocol import BootstrapProtocol

@target_factory.reg_driver
@attr.s(eq=False)
class GdbLoader(Driver, BootstrapProtocol):
    server = attr.ib()

    @Driver.check_active
    def load(self, filename):
        steps = [f"target remote {self.server}", "load", "monitor system_reset", "detach"]
        words = [word for step in steps for word in ("-ex", step)]
        run = subprocess.run(["gdb-multiarch", "-nx", "-batch", *words, filename], capture_output=True, text=True)
        if "Transfer rate" not in run.stdout:
            raise ExecutionError(run.stderr.strip())
"""


@pytest.mark.slow
def test_labgrids_driver_loads_the_firmware_where_there_is_one(desk: Lab) -> None:
    """A driver of the environment's own, as OpenOCDDriver is one; the other place's has no server to talk to."""
    (desk.folder / "loader.py").write_text(LOADER)
    table = {
        name: {
            "resources": [{"RemotePlace": {"name": name}}],
            "drivers": [{"GdbLoader": {"server": str(desk.folder / folder / "gdb")}}],
            "options": {"tinykit_board": PLACES[name]},
        }
        for name, folder in (("m4", "m4"), ("riscv", "nowhere"))
    }
    desk.environment.write_text(json.dumps({"targets": table, "imports": [str(desk.folder / "loader.py")]}))
    run = hil(desk, "--limit", 5, "--json", "matrix.json")
    assert run.returncode == 4, run.stdout + run.stderr
    cells = {cell["place"]: cell for cell in json.loads((desk.folder / "matrix.json").read_text())["cells"]}
    assert (cells["m4"]["status"], cells["m4"]["attempts"]) == ("pass", [])
    error = cells["riscv"]["error"]
    assert (error["kind"], error["what"]) == ("FlashFailed", "the driver that loads failed")
    assert "No such file or directory" in error["why"]
    assert desk.acquired() == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "targets: {a: {resources: {RemotePlace: {name: m4}}, options: {tinykit_bord: x}}}",
            "wrong option tinykit_bord",
        ),
        ("targets: {a: {resources: {RemotePlace: {name: m4}}, options: {tinykit_flasher: x}}}", "unknown flasher 'x'"),
        ("targets: {a: {}}", "no target of the environment is a place"),
        ("targets: [", "labgrid cannot read its environment file"),
    ],
)
def test_a_wrong_environment_is_refused(text: str, words: str, tmp_path: Path) -> None:
    from tinykit.errors import InputError
    from tinykit.hil.labgrid.lab import read_targets

    (tmp_path / "env.yaml").write_text(text)
    with pytest.raises(InputError, match=words):
        read_targets(tmp_path / "env.yaml")


@pytest.mark.slow
def test_nobody_answers(tmp_path: Path) -> None:
    from support.empty_machine import free_port

    line = [*TINYKIT, "hil", "run", "--labgrid", f"127.0.0.1:{free_port()}", *MODEL]
    run = subprocess.run(line, capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert run.returncode == 3
    assert "the labgrid coordinator does not answer" in run.stderr
    assert "Traceback" not in run.stderr
    both = subprocess.run([*line, "--bench", "b.toml"], capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert both.returncode == 2
