"""Measures the MLPerf Tiny reference models on emulated boards and compares with the record and with the peers."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import zlib
from pathlib import Path
from typing import Any

from tinykit.board import Board, load_board
from tinykit.compiler import Target, compile_graph
from tinykit.emulate import open_board
from tinykit.errors import DoesNotFit
from tinykit.firmware import build_project, render_project
from tinykit.graph.reader import read_model
from tinykit.link import Client

HERE = Path(__file__).resolve().parent
RECORD = HERE / "results.json"
MODELS = ("ad01_int8", "kws_ref_model", "str_ww_ref_model", "pretrainedResnet_quant", "vww_96_int8")
BOARDS = ("qemu-mps2-an385", "qemu-mps2-an386", "qemu-mps2-an500", "qemu-mps3-an547", "qemu-riscv32", "qemu-microbit")
# What peers.json calls the cores of our boards.
PEER_TARGETS = {
    "qemu-mps2-an386": "Cortex-M4F",
    "qemu-mps2-an500": "Cortex-M7 (DP FPU)",
    "qemu-mps3-an547": "Cortex-M55 (MVE-I+F)",
    "qemu-riscv32": "rv32imc",
}
GUARDED = ("instructions", "arena", "flash")
LARGEST_GROWTH = 0.01


def generated_input(count: int) -> bytes:
    """The input that peers.json was measured with."""
    state = 12345
    out = bytearray()
    for _ in range(count):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        out.append(state >> 24)
    return bytes(out)


def measure(model: Path, board: Board) -> dict[str, Any]:
    """One row: a firmware built and run, or the reason why it does not fit."""
    graph = read_model(model)
    compiled = compile_graph(graph, Target(board.core, frozenset(board.features)))
    with tempfile.TemporaryDirectory(prefix="tinykit-bench-") as folder:
        try:
            image = build_project(render_project(compiled, board, Path(folder)))
        except DoesNotFit as error:
            return {"fits": False, "why": error.why}
        with open_board(board, image) as stream:
            client = Client(stream, expected_build=image.build_id)
            info = client.connect()
            client.write_input(0, generated_input(info.inputs[0].nbytes))
            run = client.run(1, 1)
            output = client.read_output(0)
            memory = client.memory()
    raw = sum(
        graph.tensor(i).nbytes
        for i in {i for op in graph.ops for i in op.inputs if i >= 0}
        if graph.tensor(i).is_constant
    )
    return {
        "fits": True,
        board.counter.unit: board.counter.value(run.min_ticks),
        "macs": compiled.macs,
        "arena": compiled.plan.arena_bytes,
        "arena_lower_bound": compiled.plan.lower_bound,
        "flash": image.sizes.flash,
        "flash_without_model_constants": image.sizes.flash - raw,
        "static_ram": image.sizes.static_ram,
        "stack": memory.stack_used,
        "crc": f"{zlib.crc32(output):08x}",
    }


def peers(shared: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """TFLite-Micro's reference kernels by (target, model)."""
    path = shared / "baseline" / "peers.json"
    if not path.is_file():
        return {}
    rows = json.loads(path.read_text())
    return {(r["target"], r["model"]): r for r in rows if r["kernels"] == "reference"}


def show(board: str, model: str, row: dict[str, Any], peer: dict[str, Any] | None) -> None:
    if not row["fits"]:
        print(f"{board:16} {model:23} does not fit: {row['why']}")
        return
    text = f"{board:16} {model:23} {row['instructions']:>12,} {row['arena']:>7,} {row['flash']:>8,}"
    text += f" {row['flash_without_model_constants']:>7,} {row['crc']}"
    if peer is not None:
        text += f"  x{peer['instructions'] / row['instructions']:.2f} of TFLM reference"
        text += f", arena {row['arena'] / peer['arena_used']:.2f}"
        text += ", same output" if peer["output_crc"] == row["crc"] else ", OUTPUT DIFFERS"
    print(text)


def regressions(now: dict[str, Any], before: dict[str, Any]) -> list[str]:
    """What got worse than the record."""
    found = []
    for key, row in now.items():
        old = before.get(key)
        if old is None or not old["fits"]:
            continue
        if not row["fits"]:
            found.append(f"{key}: no longer fits: {row['why']}")
            continue
        for name in GUARDED:
            if row[name] > old[name] * (1 + LARGEST_GROWTH):
                found.append(f"{key}: {name} grew from {old[name]:,} to {row[name]:,}")
        if row["crc"] != old["crc"]:
            found.append(f"{key}: the output changed from {old['crc']} to {row['crc']}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--record", action="store_true", help="write results.json")
    parser.add_argument("--board", action="append", help="only this board (repeatable)")
    parser.add_argument("--model", action="append", help="only this model (repeatable)")
    arguments = parser.parse_args()
    shared = Path(os.environ.get("TINYKIT_SHARED", HERE.parent.parent / "shared"))
    folder = shared / "models" / "mlperf_tiny"
    if not folder.is_dir():
        print(f"reference models not found in {folder} (set TINYKIT_SHARED)", file=sys.stderr)
        return 3
    reference = peers(shared)
    rows: dict[str, Any] = {}
    print(f"{'board':16} {'model':23} {'instructions':>12} {'arena':>7} {'flash':>8} {'-const':>7} crc")
    for board_name in arguments.board or BOARDS:
        board = load_board(board_name)
        for model in arguments.model or MODELS:
            row = measure(folder / f"{model}.tflite", board)
            rows[f"{board_name}/{model}"] = row
            show(board_name, model, row, reference.get((PEER_TARGETS.get(board_name, ""), model)))
    before = json.loads(RECORD.read_text())["rows"] if RECORD.is_file() else {}
    worse = regressions(rows, before)
    for line in worse:
        print(line, file=sys.stderr)
    if arguments.record:
        RECORD.write_text(json.dumps({"schema": 1, "rows": {**before, **rows}}, indent=1, sort_keys=True) + "\n")
        return 0
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
