"""docs/adding-an-op.md does what it says: its files and nothing else make an operator, and its commands run."""

from __future__ import annotations

import os
import shutil
import sysconfig
from pathlib import Path

import pytest

from support.documents import Command, File, check_command, parts
from tinykit.compiler.kernels import REGISTRY

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "adding-an-op.md"
COPIED = ("boards", "docs", "firmware_templates", "models", "pyproject.toml", "tests", "tinykit")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What of the checkout compiler and tests need."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tmp_path / name)
    return tmp_path


def test_the_example_is_an_operator_that_is_not_there() -> None:
    assert "ABS" not in REGISTRY, "ABS is supported now: take another operator for docs/adding-an-op.md"


@pytest.mark.slow
def test_files_and_commands(checkout: Path) -> None:
    for tool in ("bash", "cc", "gcc", "make"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
    environment = {"PATH": path, "PYTHONPATH": str(checkout), "PYTEST_ADDOPTS": "-p no:cacheprovider"}
    table = (checkout / "docs" / "operators.md").read_text()
    for part in parts(DOCUMENT.read_text()):
        if isinstance(part, Command):
            check_command(part, checkout, environment)
        elif isinstance(part, File):
            file = checkout / part.path
            assert not file.exists(), f"{part.path} is there already"
            file.parent.mkdir(exist_ok=True)
            file.write_text(part.text)
    added = set((checkout / "docs" / "operators.md").read_text().splitlines()) - set(table.splitlines())
    assert [line.split("|")[1].strip() for line in added] == ["ABS"]


def test_one_lowering_and_one_kernel_are_all() -> None:
    files = [part.path for part in parts(DOCUMENT.read_text()) if isinstance(part, File)]
    assert files == [
        "build/ask.py",
        "tinykit/compiler/kernels/abs.py",
        "firmware_templates/runtime/kernels/tk_abs_f32.h",
        "firmware_templates/runtime/kernels/tk_abs_f32.c",
        "tests/compiler/kernels/test_abs.py",
    ]
