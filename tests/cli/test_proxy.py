"""`tinykit hil proxy` as a user starts it: another program through it, and Ctrl-C."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from support.probe import need_tools
from tinykit.board import load_board
from tinykit.cli.main import app
from tinykit.errors import InputError
from tinykit.firmware.from_model import build_model
from tinykit.hil.run import RunOptions, run_project

DIGITS = Path(__file__).resolve().parents[2] / "models" / "digits" / "digits.tflite"


@pytest.mark.slow
def test_a_test_through_a_bad_line(tmp_path: Path) -> None:
    need_tools("native")
    project = build_model(DIGITS, load_board("native"), tmp_path / "firmware").project.root
    command = [sys.executable, "-m", "tinykit.cli.main", "hil", "proxy", str(project), "--listen", "127.0.0.1:0"]
    command += ["--flip", "0.05%", "--split", "5%", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as proxy:
        assert proxy.stderr is not None
        said = proxy.stderr.readline()
        assert "flip=0.05%,split=5%,seed=0" in said
        report = run_project(project, RunOptions(limit=20, port=said.split()[-1]))
        proxy.send_signal(signal.SIGINT)
        shown = proxy.communicate(timeout=20)[0]
    assert proxy.returncode == 130
    assert not report.failures
    told = json.loads(shown)
    assert told["connections"] == 1
    assert told["to_device"]["bytes"] > 20 * 64
    assert told["to_device"]["split"] > 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "which device?"),
        (["project", "--port", "/dev/ttyS0"], "which device?"),
        (["--port", "/dev/ttyS0", "--drop", "2"], "no share of bytes"),
        (["--port", "/dev/ttyS0", "--drop", "60%", "--flip", "60%"], "120 % of all bytes"),
    ],
)
def test_what_is_refused(arguments: list[str], message: str) -> None:
    result = CliRunner().invoke(app, ["hil", "proxy", *arguments])
    assert isinstance(result.exception, InputError)
    assert message in str(result.exception)
