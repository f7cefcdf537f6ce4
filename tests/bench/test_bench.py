"""Measuring: twice the same, the output TFLite-Micro's, and the command around it."""

from __future__ import annotations

import json
import os
import subprocess
import zlib
from pathlib import Path

import numpy as np
import pytest

from support.commands import run_tinykit
from support.oracle import run_oracle
from support.probe import need_tools
from support.slow import rest_slow
from tinykit.bench import measure
from tinykit.bench.measure import benchmark_input
from tinykit.board import load_board
from tinykit.graph.reader import read_model

ROOT = Path(__file__).resolve().parents[2]
DIGITS = ROOT / "models" / "digits" / "digits.tflite"
BOARD = "qemu-mps2-an386"


def test_figures_repeat_and_the_output_is_tflite_micros() -> None:
    need_tools(BOARD)
    rows = [measure(DIGITS, load_board(BOARD)) for _ in range(2)]
    assert rows[0] == rows[1]
    figures = rows[0].figures
    assert figures is not None
    assert figures.unit == "instructions"
    graph = read_model(DIGITS)
    tensor = graph.tensor(graph.inputs[0])
    sample = np.frombuffer(benchmark_input(tensor), np.int8).reshape(1, *tensor.shape)
    assert figures.crc == f"{zlib.crc32(run_oracle(DIGITS.read_bytes(), [sample]).outputs[0].tobytes()):08x}"
    # The model alone is less than the firmware with the agent, and more than nothing.
    assert figures.alone is not None
    assert 500 < figures.alone < figures.overhead - 2000


def test_what_does_not_fit_is_a_row(shared: Path) -> None:
    need_tools("qemu-microbit")
    row = measure(shared / "models" / "mlperf_tiny" / "ad01_int8.tflite", load_board("qemu-microbit"))
    assert row.figures is None
    assert row.why is not None
    assert "262144" in row.why


def bench(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = ("bench", "run", DIGITS, "-b", "native", *arguments)
    return run_tinykit(*command, folder=folder, environment=os.environ, timeout=300)


@pytest.mark.slow
def test_a_record_is_made_and_held_to(tmp_path: Path) -> None:
    need_tools(BOARD)
    made = bench(tmp_path, "-b", BOARD, "--record", "record.json")
    assert made.returncode == 0, made.stderr
    assert "digits" in made.stdout
    again = bench(tmp_path, "-b", BOARD, "--against", "record.json", "--max-growth", "10000%", "--json")
    assert again.returncode == 0, again.stderr
    value = json.loads(again.stdout)
    assert [row["board"] for row in value["rows"]] == ["native", BOARD]
    record = json.loads((tmp_path / "record.json").read_text())
    record["rows"][f"{BOARD}/digits"]["latency"] -= 100_000
    record["rows"]["native/digits"]["latency"] *= 1000
    (tmp_path / "record.json").write_text(json.dumps(record))
    worse = bench(tmp_path, "-b", BOARD, "--against", "record.json")
    assert worse.returncode == 1
    assert f"{BOARD}/digits: instructions grew" in worse.stdout


@pytest.mark.slow
def test_the_page_has_a_bar_for_each_engine_and_escapes_their_names(tmp_path: Path) -> None:
    row = {"target": "Cortex-M4F", "model": "digits", "kernels": "<b>", "engine": "other"}
    (tmp_path / "peers.json").write_text(json.dumps([{**row, "instructions": 4_000_000}]))
    need_tools(BOARD)
    outcome = bench(tmp_path, "-b", BOARD, "--peers", "peers.json", "--html", "page.html")
    assert outcome.returncode == 0, outcome.stderr
    page = (tmp_path / "page.html").read_text()
    assert page.count("<rect") == 2
    assert "other &lt;b&gt;" in page
    assert 'width="100.00"' in page


@pytest.mark.parametrize("option", rest_slow(["--against", "--peers"]))
def test_a_missing_file_is_said_before_anything_is_measured(tmp_path: Path, option: str) -> None:
    outcome = bench(tmp_path, option, "absent.json")
    assert outcome.returncode == 2
    assert "absent.json" in outcome.stderr
    assert "digits on" not in outcome.stderr
