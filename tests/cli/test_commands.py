"""What the commands print and write, on the host board."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from .conftest import DIGITS, DIGITS_DATA, TINYKIT, Tinykit

REPORT_KEYS = {
    "model": {"name", "sha256"},
    "build": {"id"},
    "memory": {"flash", "code", "weights", "arena", "arena_lower_bound", "static_ram", "stack"},
    "latency": {"unit", "source", "n", "p50", "p95", "p99", "min", "max", "layers"},
    "accuracy": {"metric", "device", "host", "n", "identical", "mismatches"},
    "link": {"retries", "crc_errors"},
}
"""What scripts may rely on."""


def test_version(tinykit: Tinykit) -> None:
    outcome = tinykit("--version")
    assert (outcome.code, outcome.out) == (0, "tinykit 0.1.0\n")


@pytest.mark.parametrize(
    "command", ["doctor", "boards", "inspect", "operators", "compile", "build", "flash", "test", "run", "monitor"]
)
def test_every_command_explains_itself_in_80_columns(tinykit: Tinykit, command: str) -> None:
    assert command in tinykit("--help").out
    outcome = tinykit(command, "--help")
    assert outcome.code == 0
    assert max(len(line) for line in outcome.out.splitlines()) <= 80


@pytest.mark.slow
def test_doctor(tinykit: Tinykit) -> None:
    tools = {tool["name"]: tool for tool in json.loads(tinykit("doctor", "--json").out)["tools"]}
    assert {"arm-none-eabi-gcc", "qemu-system-arm", "make"} <= tools.keys()
    # without any tools every one is missing, and the way to get it is said
    bare = tinykit("doctor", environment={"PATH": "/nonexistent"})
    assert bare.code == 0
    assert "missing qemu-system-arm" in bare.out
    assert tools["qemu-system-arm"]["install"] in bare.out


@pytest.mark.slow
def test_boards(tinykit: Tinykit) -> None:
    names = [board["name"] for board in json.loads(tinykit("boards", "--json").out)]
    assert names == sorted(names)
    assert {"native", "qemu-mps2-an386", "qemu-microbit"} <= set(names)
    listing = tinykit("boards").out
    assert all(name in listing for name in names)
    shown = tinykit("boards", "qemu-microbit").out
    assert "262,144 bytes" in shown
    assert "16,384 bytes" in shown
    assert json.loads(tinykit("boards", "qemu-microbit", "--json").out)["chip"] == "nRF51822"


def test_inspect(tinykit: Tinykit) -> None:
    plain = json.loads(tinykit("inspect", DIGITS, "--json").out)
    assert plain["model"]["macs"] == sum(op["macs"] for op in plain["ops"]) == 116_160
    assert plain["inputs"][0]["shape"] == [1, 8, 8, 1]
    assert plain["inputs"][0]["zero_point"] == -128
    assert "layers" not in plain
    compiled = json.loads(tinykit("inspect", DIGITS, "--board", "qemu-mps2-an386", "--json").out)
    assert [layer["op"] for layer in compiled["layers"]] == [0, 1, 2, 3, 4, 5, 7, 8]  # RESHAPE has no code
    assert compiled["memory"]["arena"] >= compiled["memory"]["arena_lower_bound"] > 0
    text = tinykit("inspect", DIGITS, "--board", "qemu-mps2-an386")
    assert max(len(line) for line in text.out.splitlines()) <= 80
    assert "DEPTHWISE_CONV_2D" in text.out


@pytest.mark.slow
def test_operators(tinykit: Tinykit) -> None:
    every = {operator["operator"]: operator for operator in json.loads(tinykit("operators", "--json").out)}
    assert {"CONV_2D", "ADD", "SOFTMAX"} <= every.keys()
    listing = tinykit("operators")
    assert all(kind in listing.out for kind in every)
    assert max(len(line) for line in listing.out.splitlines()) <= 80
    assert json.loads(tinykit("operators", "conv_2d", "--json").out) == every["CONV_2D"]
    shown = tinykit("operators", "CONV_2D").out
    assert "float32 to float32: 1e-5" in shown
    assert "a bias that is computed at run time; try: make it a constant of the" in shown
    unknown = tinykit("operators", "LSTM")
    assert unknown.code == 2
    assert "'LSTM' is not supported" in unknown.err


def test_compile_writes_c(tinykit: Tinykit, tmp_path: Path) -> None:
    value = json.loads(tinykit("compile", DIGITS, "--out", "c", "--json").out)
    assert {"model.c", "model.h"} <= {Path(name).name for name in value["files"]}
    assert all((tmp_path / name).is_file() for name in value["files"])


@pytest.mark.slow
def test_build_is_reproducible(tinykit: Tinykit, tmp_path: Path) -> None:
    ids, images = [], []
    for folder in ("one", "two"):
        value = json.loads(tinykit("build", DIGITS, "--board", "native", "--out", folder, "--json").out)
        ids.append(value["build"]["id"])
        images.append((tmp_path / value["elf"]).read_bytes())
    assert ids[0] == ids[1]
    assert images[0] == images[1]


def test_report_has_the_keys_scripts_rely_on(tinykit: Tinykit, native_project: Path, tmp_path: Path) -> None:
    outcome = tinykit("test", native_project, "--data", DIGITS_DATA, "--limit", 40, "--json", "r.json", "--out", "out")
    assert outcome.code == 0
    assert "result: pass" in outcome.out
    report = json.loads((tmp_path / "r.json").read_text())
    for group, keys in REPORT_KEYS.items():
        assert keys <= report[group].keys(), group
    assert (report["board"], report["engine"], report["result"]) == ("native", "aot", "pass")
    assert report["model"]["name"] == "digits"  # not that of the copy in the project
    assert report["accuracy"]["n"] == 40
    assert (tmp_path / "out" / "report.html").is_file()
    assert report == json.loads((tmp_path / "out" / "report.json").read_text())


@pytest.mark.slow
def test_json_on_stdout_is_nothing_but_json(tinykit: Tinykit, tmp_path: Path) -> None:
    outcome = tinykit("run", DIGITS, "--board", "native", "--data", DIGITS_DATA, "--limit", 5, "--json", "-")
    assert json.loads(outcome.out)["accuracy"]["n"] == 5
    assert "result: pass" in outcome.err
    assert not list((tmp_path / "tmp").iterdir())


@pytest.mark.slow
def test_baseline_decides_the_exit_code(tinykit: Tinykit, native_project: Path, tmp_path: Path) -> None:
    common = ["test", native_project, "--data", DIGITS_DATA, "--limit", 20]
    assert tinykit(*common, "--json", "old.json").code == 0
    old = json.loads((tmp_path / "old.json").read_text())
    # a clock's figure, on a computer that does other things: only sizes can be compared tightly
    old["latency"]["p50"] *= 1000
    (tmp_path / "same.json").write_text(json.dumps(old))
    assert tinykit(*common, "--baseline", "same.json").code == 0
    old["memory"]["flash"] = int(old["memory"]["flash"] * 0.9)
    (tmp_path / "smaller.json").write_text(json.dumps(old))
    worse = tinykit(*common, "--baseline", "smaller.json", "--max-regress", "5%")
    assert worse.code == 1
    assert "flash grew by" in worse.err
    assert tinykit(*common, "--baseline", "smaller.json", "--max-regress", "20%").code == 0


def test_flash_says_who_answers(tinykit: Tinykit, native_project: Path) -> None:
    outcome = tinykit("flash", native_project)
    assert outcome.code == 0
    assert "digits" in outcome.out
    info = json.loads(tinykit("flash", native_project, "--json").out)
    assert info["model_name"] == "digits"
    assert [tensor["dtype"] for tensor in info["inputs"] + info["outputs"]] == ["int8", "int8"]


@pytest.mark.slow
def test_monitor_decodes_the_banner(tinykit: Tinykit, native_project: Path) -> None:
    build_id = json.loads((native_project / "manifest.json").read_text())["build_id"]
    outcome = tinykit("monitor", native_project, "--seconds", 1)
    assert outcome.code == 0
    assert "BANNER" in outcome.out
    assert build_id in outcome.out


@pytest.mark.parametrize(
    ("end", "code", "said"),
    [(signal.SIGINT, 130, "interrupted\n"), (signal.SIGTERM, 143, ""), (signal.SIGHUP, 129, "")],
    ids=["ctrl-c", "terminated", "terminal closed"],
)
def test_an_end_is_quiet_and_leaves_nothing(
    tmp_path: Path, native_project: Path, end: signal.Signals, code: int, said: str
) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    process = subprocess.Popen(
        [TINYKIT, "monitor", native_project],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert "BANNER" in process.stdout.readline()
    time.sleep(0.1)
    process.send_signal(end)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == code
    assert errors == said
    assert not list(tmp_path.iterdir())
    assert not _runs(native_project)


@pytest.mark.slow
def test_a_terminal_may_be_closed_under_nohup(tmp_path: Path, native_project: Path) -> None:
    process = subprocess.Popen(
        ["nohup", TINYKIT, "monitor", native_project, "--seconds", "3"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert "BANNER" in process.stdout.readline()
    process.send_signal(signal.SIGHUP)
    process.communicate(timeout=20)
    assert process.returncode == 0


def _runs(program: Path) -> bool:
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it ended, or is somebody else's
            if str(program).encode() in entry.read_bytes():
                return True
    return False


@pytest.mark.slow
def test_flash_builds_a_model_first(tinykit: Tinykit, tmp_path: Path) -> None:
    done = tinykit("flash", DIGITS, "--board", "native")
    assert done.code == 0, done.err
    assert "native runs digits" in done.out
    assert not list((tmp_path / "tmp").iterdir())
    without = tinykit("flash", DIGITS)
    assert (without.code, "--board" in without.err) == (2, True)


@pytest.mark.slow
def test_flash_takes_the_folder_it_is_in(tinykit: Tinykit, tmp_path: Path) -> None:
    nothing = tinykit("flash", "--board", "native")
    assert (nothing.code, "not a tinykit project" in nothing.err) == (2, True)
    assert tinykit("build", DIGITS, "--board", "native", "--out", ".").code == 0
    assert "native runs digits" in tinykit("flash", "--board", "native").out
