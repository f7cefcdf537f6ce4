"""The recipe in models/mobilenet, from training to the emulated Cortex-M4: what docs/compress.md claims of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .conftest import command

MAKE = Path(__file__).resolve().parents[2] / "models" / "mobilenet" / "make.py"


@pytest.mark.slow
def test_smaller_and_faster_on_the_chip_and_as_accurate(keras: Any, tmp_path: Path) -> None:
    for tool in ("arm-none-eabi-gcc", "qemu-system-arm", "make"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    subprocess.run([sys.executable, MAKE, "--out", tmp_path], check=True, capture_output=True, timeout=300)
    done = subprocess.run(
        command("compress.toml", "-o", "small.tflite", "--json"), cwd=tmp_path, env=dict(os.environ), text=True,
        capture_output=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    plain, small = report["stages"][0], report["stages"][-1]
    assert small["size"]["int8"] <= 0.40 * plain["size"]["int8"]
    assert small["on_board"]["board"] == "qemu-mps2-an386"
    assert small["on_board"]["value"] <= 0.65 * plain["on_board"]["value"]
    assert plain["accuracy"]["float"] > 0.94
    assert small["accuracy"]["int8"] >= plain["accuracy"]["float"] - 0.01
