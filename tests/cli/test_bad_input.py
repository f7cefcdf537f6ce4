"""Every mistake of a user: one message that says what to do, the right exit code, nothing left behind."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from support.slow import rest_slow

from .conftest import DIGITS, Outcome, Tinykit


def refused(outcome: Outcome, code: int, *words: str) -> None:
    """An error of ours that contains the words, whatever its line breaks."""
    assert outcome.code == code, outcome
    assert outcome.err.count("error: ") == 1, outcome.err
    assert "  try: " in outcome.err, outcome.err
    for word in words:
        assert word in outcome.err, outcome.err


def with_identifier(data: bytes) -> bytes:
    return data[:4] + b"ABCD" + data[8:]


def noise(data: bytes) -> bytes:
    return np.random.default_rng(1).bytes(len(data))


@pytest.mark.slow
@pytest.mark.parametrize("command", ["inspect", "compile", "build", "run"])
@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda data: b"", "the file is empty"),
        (lambda data: data[:3000], "the file is damaged"),
        (lambda data: data[:7], "not a .tflite file"),
        (noise, "not a .tflite file"),
        (with_identifier, "ABCD"),
    ],
    ids=["empty", "truncated", "seven bytes", "random", "wrong identifier"],
)
def test_bad_model(tinykit: Tinykit, tmp_path: Path, command: str, damage: object, words: str) -> None:
    model = tmp_path / "bad.tflite"
    assert callable(damage)
    model.write_bytes(damage(DIGITS.read_bytes()))
    options = {
        "inspect": [],
        "compile": ["--out", "out"],
        "build": ["--board", "native", "--out", "out"],
        "run": ["--board", "native", "--out", "out"],
    }[command]
    refused(tinykit(command, model, *options), 2, "bad.tflite", words)
    # `run --out` keeps a report that says why, for whoever reads reports instead of terminals
    left = {path.name for path in tmp_path.rglob("*") if path.is_file()} - {"bad.tflite"}
    assert left <= ({"report.json", "junit.xml"} if command == "run" else set())


def test_missing_model(tinykit: Tinykit) -> None:
    refused(tinykit("inspect", "nowhere.tflite"), 2, "nowhere.tflite", "no such model file")


@pytest.mark.parametrize(
    ("name", "near"),
    rest_slow(
        [("an386", "qemu-mps2-an386"), ("qemu-mps2-an368", "qemu-mps2-an386"), ("nativ", "native")], several=True
    ),
)
def test_unknown_board_names_the_nearest(tinykit: Tinykit, name: str, near: str) -> None:
    for command in (["boards", name], ["build", DIGITS, "--board", name, "--out", "out"]):
        refused(tinykit(*command), 2, f"unknown board '{name}'", "did you mean", near)


def test_unknown_board_like_no_other(tinykit: Tinykit) -> None:
    refused(tinykit("boards", "zzz"), 2, "boards are: ")


def test_missing_compiler(tinykit: Tinykit, tmp_path: Path) -> None:
    outcome = tinykit(
        "build",
        DIGITS,
        "--board",
        "qemu-mps2-an386",
        "--out",
        "out",
        "--builder",
        "gcc",
        environment={"PATH": "/nonexistent"},
    )
    refused(outcome, 3, "arm-none-eabi-gcc not found")
    assert not (tmp_path / "out" / "manifest.json").exists()


@pytest.mark.slow
def test_missing_emulator(tinykit: Tinykit, tmp_path: Path) -> None:
    """The compiler is there, QEMU is not."""
    import shutil

    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("arm-none-eabi-gcc", "arm-none-eabi-size", "arm-none-eabi-objcopy", "make", "sh", "mkdir", "rm"):
        path = shutil.which(tool)
        if path is None:
            pytest.skip(f"{tool} is not installed")
        (tools / tool).symlink_to(path)
    outcome = tinykit("run", DIGITS, "--board", "qemu-mps2-an386", "--limit", 1, environment={"PATH": str(tools)})
    refused(outcome, 3, "qemu-system-arm not found")


def save(path: Path, **arrays: np.ndarray) -> None:
    np.savez(path, **arrays)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arrays", "words"),
    rest_slow(
        [
            ({"x": np.zeros((3, 8, 9, 1), np.int8)}, "wrong shape"),
            ({"x": np.zeros((3, 9), np.int8)}, "needs (N, 8, 8, 1)"),
            ({"x": np.zeros((3, 8, 8, 1), np.uint8)}, "wrong type"),
            ({"x": np.zeros((3, 8, 8, 1), np.int64)}, "it is int64"),
            ({"x": np.full((3, 8, 8, 1), np.nan, np.float32)}, "not finite"),
            ({"x": np.zeros((0, 8, 8, 1), np.int8)}, "no samples"),
            ({"images": np.zeros((3, 8, 8, 1), np.int8)}, "no array 'x'"),
            ({"x": np.zeros((3, 8, 8, 1), np.int8), "y": np.zeros(2, np.int64)}, "labels do not fit"),
        ],
        2,
        several=True,
    ),
)
def test_data_that_does_not_fit(tinykit: Tinykit, tmp_path: Path, arrays: dict[str, np.ndarray], words: str) -> None:
    save(tmp_path / "data.npz", **arrays)
    refused(tinykit("run", DIGITS, "--board", "native", "--data", "data.npz"), 2, "data.npz", words)
    assert not list((tmp_path / "tmp").iterdir())


@pytest.mark.parametrize("content", rest_slow([b"", b"PK\x03\x04 not really a zip", b"x,y\n1,2\n"]))
def test_data_file_that_is_none(tinykit: Tinykit, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "data.npz").write_bytes(content)
    refused(tinykit("run", DIGITS, "--board", "native", "--data", "data.npz"), 2, "data.npz")


def test_data_of_python_objects_is_not_unpickled(tinykit: Tinykit, tmp_path: Path) -> None:
    save(tmp_path / "data.npz", x=np.array([{"a": 1}], object))
    refused(tinykit("run", DIGITS, "--board", "native", "--data", "data.npz"), 2, "data.npz")


def test_missing_data_file(tinykit: Tinykit) -> None:
    refused(tinykit("run", DIGITS, "--board", "native", "--data", "none.npz"), 2, "none.npz", "No such file")


@pytest.mark.parametrize("limit", rest_slow([0, -3]))
def test_limit_without_samples(tinykit: Tinykit, limit: int) -> None:
    refused(tinykit("run", DIGITS, "--board", "native", "--limit", limit), 2, f"--limit {limit}")


@pytest.mark.slow
def test_port_that_does_not_exist(tinykit: Tinykit, native_project: Path) -> None:
    missing = "/dev/tty-that-is-not-there"
    refused(tinykit("test", native_project, "--port", missing, "--limit", 1), 3, missing, "no such port")
    refused(tinykit("flash", native_project, "--port", missing), 3, missing, "no such port")
    refused(tinykit("monitor", "--port", missing), 3, missing, "no such port")


def test_folder_that_is_no_project(tinykit: Tinykit) -> None:
    refused(tinykit("test", "."), 2, "not a tinykit project")
    refused(tinykit("flash", "."), 2, "not a tinykit project")


def test_project_for_another_board(tinykit: Tinykit, native_project: Path) -> None:
    refused(tinykit("flash", native_project, "--board", "qemu-riscv32"), 2, "the project is for native")


def test_output_that_cannot_be_written(tinykit: Tinykit, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    refused(tinykit("compile", DIGITS, "--out", "file/sub"), 2, "file")
    refused(tinykit("build", DIGITS, "--board", "native", "--out", "file/sub"), 2, "file")
    assert (tmp_path / "file").read_text() == "in the way"


@pytest.mark.parametrize("text", rest_slow(["abc", "-1%", "nan", "inf"]))
def test_percentage_that_is_none(tinykit: Tinykit, text: str) -> None:
    refused(tinykit("run", DIGITS, "--board", "native", f"--max-regress={text}"), 2, "not a percentage")


@pytest.mark.parametrize(
    "arguments", rest_slow([["frobnicate"], ["run"], ["run", DIGITS], ["inspect", DIGITS, "--nope"]], 2)
)
def test_usage_errors(tinykit: Tinykit, arguments: list[object]) -> None:
    outcome = tinykit(*arguments)
    assert outcome.code == 2
    assert "Usage: tinykit" in outcome.err


@pytest.mark.slow
def test_a_name_that_is_no_text_is_no_obstacle(tinykit: Tinykit, tmp_path: Path) -> None:
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/odd-\xff\x1b[31m.tflite")
    shutil.copy(DIGITS, odd)
    done = tinykit("run", odd, "--board", "native", "--limit", 2, "--out", "out")
    assert done.code == 0, done.err
    assert "\x1b" not in done.out + done.err


def test_control_codes_in_an_error_do_not_reach_the_terminal(tinykit: Tinykit) -> None:
    done = tinykit("inspect", "no\x1b[2Jsuch.tflite")
    refused(done, 2, "no?[2Jsuch.tflite")
    assert "\x1b" not in done.err


def test_a_json_report_never_replaces_the_baseline(tinykit: Tinykit, tmp_path: Path) -> None:
    baseline = tmp_path / "report.json"
    baseline.write_text("{}")
    done = tinykit("run", DIGITS, "--board", "native", "--baseline", baseline, "--json", "report.json")
    refused(done, 2, "would replace the baseline")
    assert baseline.read_text() == "{}"


@pytest.mark.parametrize("target", [".", "digits.tflite/report.json"], ids=["a folder", "under a file"])
def test_a_json_report_that_cannot_be_written_is_refused_before_the_work(
    tinykit: Tinykit, tmp_path: Path, target: str
) -> None:
    (tmp_path / "digits.tflite").write_bytes(DIGITS.read_bytes())
    done = tinykit("run", "digits.tflite", "--board", "native", "--out", "out", "--json", target)
    refused(done, 2, "cannot write the file", target)
    assert not (tmp_path / "out").exists()
