"""The installed command, run as a user runs it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.commands import TINYKIT, run_tinykit

ROOT = Path(__file__).resolve().parents[2]
DIGITS = ROOT / "models" / "digits" / "digits.tflite"
DIGITS_DATA = ROOT / "models" / "digits" / "digits_test.npz"


@dataclass(frozen=True)
class Outcome:
    """What a command did. Both texts are without colour."""

    code: int
    out: str
    err: str


Tinykit = Callable[..., Outcome]


@pytest.fixture
def tinykit(tmp_path: Path) -> Tinykit:
    """``tinykit("run", path, board="native")``: runs the command in an empty folder, in 80 columns, with TMPDIR there.

    A test can thereby look for what was left behind.
    """
    (tmp_path / "tmp").mkdir()

    def run(*arguments: object, environment: dict[str, str] | None = None) -> Outcome:
        variables = {**os.environ, "COLUMNS": "80", "TMPDIR": str(tmp_path / "tmp"), **(environment or {})}
        done = run_tinykit(*arguments, folder=tmp_path, environment=variables, timeout=120)
        assert "Traceback" not in done.stderr, done.stderr
        return Outcome(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="session")
def native_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The digits model built for the host, by the command itself."""
    if shutil.which("cc") is None or shutil.which("make") is None:
        pytest.skip("cc or make is not installed")
    folder = tmp_path_factory.mktemp("digits") / "firmware"
    subprocess.run([TINYKIT, "build", DIGITS, "--board", "native", "--out", folder], check=True, capture_output=True)
    return folder
