"""`tinykit ci init`: workflows that the services' own schemas accept, and that gate on a baseline."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.commands import run_tinykit
from support.slow import rest_slow
from tinykit.resources import data_dir

DIGITS = data_dir("models") / "digits"
SCHEMAS = {
    "github": (".github/workflows/tinykit.yml", ["--builtin-schema", "vendor.github-workflows"]),
    "gitlab": (".gitlab-ci.yml", ["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"]),
}
INSTALL = ("--install", "pip install git+https://git.example.org/tinykit")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A user's repository with a model and data in it."""
    for name in ("digits.tflite", "digits_test.npz"):
        shutil.copy(DIGITS / name, tmp_path)
    return tmp_path


def _tinykit(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run_tinykit(*arguments, folder=folder, environment=os.environ, timeout=300)


def _init(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return _tinykit(folder, "ci", "init", "digits.tflite", "--data", "digits_test.npz", *arguments)


@pytest.mark.parametrize("service", rest_slow(SCHEMAS))
def test_the_services_schema_accepts_it(repository: Path, service: str) -> None:
    boards = ("--board", "qemu-mps2-an386", "--board", "native", "--board", "qemu-rpi4")
    run = _init(repository, *boards, "--service", service, *INSTALL)
    assert run.returncode == 0, run.stderr
    file, schema = SCHEMAS[service]
    check = [sys.executable, "-m", "check_jsonschema", *schema, file]
    checked = subprocess.run(check, cwd=repository, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    text = (repository / file).read_text()
    assert "qemu-system-arm" in text
    assert "qemu-user-static" in text
    assert INSTALL[1] in text


def _command_for(repository: Path, board: str) -> list[str]:
    """The job's own command, out of the workflow."""
    text = (repository / SCHEMAS["github"][0]).read_text()
    line = next(line for line in text.splitlines() if f"--board {board} " in line)
    words = shlex.split(json.loads(line.split("run: ")[1]))
    assert words[0] == "tinykit"
    return words[1:]


@pytest.mark.slow
def test_its_commands_pass_and_fail_as_they_should(repository: Path) -> None:
    run = _init(repository, "--board", "native", "--max-regress", "10000%", *INSTALL)
    record = next(line for line in run.stdout.splitlines() if line.strip().startswith("tinykit run"))

    missing = _tinykit(repository, *_command_for(repository, "native"))
    assert missing.returncode == 2
    assert "native.json" in missing.stderr

    assert _tinykit(repository, *shlex.split(record)[1:]).returncode == 0
    assert _tinykit(repository, *_command_for(repository, "native")).returncode == 0
    assert (repository / "tinykit-report/native/junit.xml").is_file()

    baseline = repository / "tinykit-baselines/native.json"
    report = json.loads(baseline.read_text())
    report["memory"]["arena"] //= 200
    baseline.write_text(json.dumps(report))
    failed = _tinykit(repository, *_command_for(repository, "native"))
    assert failed.returncode == 1
    assert "arena" in failed.stdout + failed.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--board", "qemu-mps2-an386"), 2, "--install"),
        (("--board", "qemu-mps2-an999", *INSTALL), 2, "qemu-mps2-an385"),
        (("--board", "rpi4", *INSTALL), 2, "no emulator"),
        (("--board", "renode-nrf52840", *INSTALL), 2, "docs/emulators.md"),
        (("--board", "qemu-esp32", *INSTALL), 2, "esp-idf"),
        (("--board", "qemu-b-l475e", *INSTALL), 2, "needs QEMU 9"),
        (("--board", "native", "--max-regress", "much", *INSTALL), 2, "much"),
        (("--board", "native", "--data", "/etc/hostname", *INSTALL), 2, "outside"),
    ],
)
def test_what_could_not_work_is_refused(repository: Path, arguments: tuple[str, ...], code: int, message: str) -> None:
    for more in ((), ("--print",)):
        run = _init(repository, *arguments, *more)
        assert run.returncode == code
        assert message in run.stderr
        assert run.stdout == ""
    assert not (repository / ".github").exists()


def test_a_workflow_that_exists_is_kept(repository: Path) -> None:
    (repository / ".gitlab-ci.yml").write_text("mine")
    run = _init(repository, "--board", "native", "--service", "gitlab", *INSTALL)
    assert run.returncode == 2
    assert "exists" in run.stderr
    assert (repository / ".gitlab-ci.yml").read_text() == "mine"
    shown = _init(repository, "--board", "native", "--service", "gitlab", "--print", *INSTALL)
    assert shown.returncode == 0
    assert "tinykit run" in shown.stdout
