"""docs/adding-an-op.md does what it says: its files and nothing else make an operator, and its commands run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from support.documents import Command, File, check_command, parts

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "adding-an-op.md"
COPIED = ("bench", "boards", "docs", "firmware_templates", "models", "pyproject.toml", "tests", "tinykit")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What of the checkout compiler and tests need."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tmp_path / name)
    _take_out_abs(tmp_path)
    return tmp_path


def _take_out_abs(checkout: Path) -> None:
    """As if it were not there: its lowering, its kernels, its generator, its row."""
    (checkout / "tinykit" / "compiler" / "kernels" / "abs.py").unlink()
    for kernel in (checkout / "firmware_templates" / "runtime" / "kernels").glob("tk_abs_*"):
        kernel.unlink()
    for path in (checkout / "tests" / "proof" / "ops").glob("*.py"):
        text = path.read_text()
        path.write_text(
            "".join(line for line in text.splitlines(keepends=True) if not line.startswith('@proves("ABS"'))
        )
    record = checkout / "bench" / "operators.json"
    proven = json.loads(record.read_text())
    proven["operators"].pop("ABS", None)
    record.write_text(json.dumps(proven))
    subprocess.run(
        [sys.executable, "-m", "tinykit.compiler.operators_doc"],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(checkout)},
        check=True,
    )


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
    rows = [line.split("|")[1].strip() for line in added if line.startswith("|")]
    assert sorted(row for row in rows if not row.startswith("all ")) == ["ABS", "ABS"]


def test_one_lowering_and_one_kernel_are_all() -> None:
    files = [part.path for part in parts(DOCUMENT.read_text()) if isinstance(part, File)]
    assert files == [
        "build/ask.py",
        "tinykit/compiler/kernels/abs.py",
        "firmware_templates/runtime/kernels/tk_abs_f32.h",
        "firmware_templates/runtime/kernels/tk_abs_f32.c",
        "tests/proof/ops/abs.py",
        "tests/compiler/kernels/test_abs.py",
    ]
