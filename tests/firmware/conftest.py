"""What stands in for ESP-IDF (support/idf says what that proves)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

STUB = Path(__file__).resolve().parents[1] / "support" / "idf"
RISCV = "riscv64-unknown-elf-gcc"
XTENSA = "xtensa-lx106-elf-gcc"


@pytest.fixture
def idf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The stand-in as if its export.sh had run, with compilers of the names that ESP-IDF's have."""
    for program in ("cmake", "make", RISCV):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("xtensa-esp32-elf-gcc", "xtensa-esp32s3-elf-gcc", "riscv32-esp-elf-gcc"):
        # No link: ccache would look for a compiler of the link's name.
        (tools / name).write_text(f'#!/bin/sh\nexec {XTENSA if name.startswith("xtensa") else RISCV} "$@"\n')
        (tools / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{STUB / 'bin'}", prepend=":")
    monkeypatch.setenv("IDF_PATH", str(STUB))
    monkeypatch.setenv("STUB_CC", RISCV)
    return STUB
