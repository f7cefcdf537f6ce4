"""The runtime that is installed, asked through libraries made here, which say what they are told and are no runtime."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tinykit.edgetpu.package.runtime import Runtime, installed_runtime

LIBRARY = "libedgetpu.so.1"


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the loader looks first."""
    if not sys.platform.startswith("linux") or shutil.which("cc") is None:
        pytest.skip("needs Linux and cc")
    already = os.environ.get("LD_LIBRARY_PATH", "")
    monkeypatch.setenv("LD_LIBRARY_PATH", f"{tmp_path}:{already}" if already else str(tmp_path))
    return tmp_path / LIBRARY


def build(path: Path, code: str) -> None:
    subprocess.run(["cc", "-shared", "-fPIC", "-x", "c", "-", "-o", path], input=code, text=True, check=True)


def test_its_version(library: Path) -> None:
    build(library, 'const char *edgetpu_version(void) { return "BuildLabel(N/A), RuntimeVersion(12)"; }')
    assert installed_runtime() == Runtime(12, LIBRARY)


def test_one_that_crashes_takes_nothing_with_it(library: Path) -> None:
    build(library, "#include <stdlib.h>\n__attribute__((constructor)) void start(void) { abort(); }")
    assert installed_runtime() == Runtime(None, LIBRARY, "asking for its version left with exit status -6")


def test_one_of_another_machine(library: Path) -> None:
    library.write_bytes(b"\x7fELF\x02\x01\x01" + bytes(60))
    found = installed_runtime()
    assert found is not None
    assert found.version is None
    assert LIBRARY in found.problem


def test_one_that_says_no_version(library: Path) -> None:
    build(library, 'const char *edgetpu_version(void) { return "none"; }')
    assert installed_runtime() == Runtime(None, LIBRARY, "none")


def test_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinykit.edgetpu.package.runtime._LIBRARY", "libedgetpu-that-is-not-there.so.1")
    assert installed_runtime() is None
