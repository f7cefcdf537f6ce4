"""Eight emulated boards of five kinds, three of which misbehave: each is named, the others are unharmed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.benches import bench_file, broken_board

TOOLS = ("arm-none-eabi-gcc", "riscv64-unknown-elf-gcc", "qemu-system-arm", "qemu-system-riscv32")
SAMPLES = 100
FAULTY_RUN = 40
"""The first inference is the warm-up: this is sample 38, counted from 0."""


@pytest.mark.slow
def test_eight_boards_of_five_kinds_run_kws_in_two_minutes(shared: Path, tmp_path: Path) -> None:
    for tool in TOOLS:
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    good = {
        "m3": "qemu-mps2-an385",
        "m4": "qemu-mps2-an386",
        "m7": "qemu-mps2-an500",
        "m55": "qemu-mps3-an547",
        "riscv": "qemu-riscv32",
    }
    bad = {
        "m4-hangs": broken_board(tmp_path, "m4-hangs", good["m4"], "hang", run=FAULTY_RUN),
        "riscv-errs": broken_board(tmp_path, "riscv-errs", good["riscv"], "wrong", run=FAULTY_RUN),
        "m3-resets": broken_board(tmp_path, "m3-resets", good["m3"], "reset", run=FAULTY_RUN),
    }
    bench = bench_file(tmp_path, {**good, **bad}, "[timeouts]\nrun = 20\n")
    locks = tmp_path / "locks"
    command = [
        sys.executable, "-m", "tinykit.cli.main", "hil", "run", "--bench", bench, "--out", tmp_path / "out",
        "--models", shared / "models" / "mlperf_tiny" / "kws_ref_model.tflite",
        "--data", shared / "datasets" / "kws01.npz", "--limit", SAMPLES, "--jobs", 2,
    ]  # fmt: skip
    environment = {**os.environ, "TINYKIT_LOCK_DIR": str(locks)}
    run = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=400, env=environment)

    matrix = json.loads((tmp_path / "out" / "matrix.json").read_text())
    cells = {cell["place"]: cell for cell in matrix["cells"]}
    assert list(cells) == [*good, *bad]
    for place in good:
        cell = cells[place]
        assert (cell["status"], cell["attempts"]) == ("pass", []), cell
        assert cell["report"]["accuracy"]["identical"] == cell["report"]["accuracy"]["n"] == SAMPLES
        # not "retries": on a busy machine a request is repeated whose answer was only late
        assert cell["report"]["link"]["crc_errors"] == 0

    hangs = cells["m4-hangs"]
    assert (hangs["status"], hangs["error"]["kind"]) == ("error", "DeviceDied")
    assert hangs["error"]["what"] == "the device stopped answering during RUN"
    assert [attempt["remedy"] for attempt in hangs["attempts"]] == ["started anew", None]
    resets = cells["m3-resets"]
    assert (resets["status"], resets["error"]["kind"]) == ("error", "DeviceReset")
    assert resets["error"]["what"] == "the device restarted during RUN"
    assert len(resets["attempts"]) == 2
    errs = cells["riscv-errs"]
    assert (errs["status"], errs["attempts"]) == ("fail", [])  # a wrong answer is not tried again
    (failure,) = errs["report"]["failures"]
    assert f"1 of {SAMPLES} outputs differ" in failure
    assert f"first in sample {FAULTY_RUN - 2}: element 0" in failure

    assert run.returncode == matrix["exit_code"] == 4
    for place in bad:
        assert f"kws_ref_model on {place}" in run.stdout
        assert f"kws_ref_model on {place}" in (tmp_path / "out" / "matrix.html").read_text()
    assert not locks.exists() or list(locks.iterdir()) == []
    left = [path for path in Path("/proc").glob("[0-9]*/cmdline") if str(tmp_path).encode() in _read(path)]
    assert left == []
    assert matrix["seconds"] < 120


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it ended while it was looked at
        return b""
