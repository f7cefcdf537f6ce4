"""What portable kernels are said to cost is what an emulator counts, as nearly as choosing needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.probe import need_tools
from tinykit.board import load_board
from tinykit.compiler import compile_graph
from tinykit.compiler.kernels import variants
from tinykit.firmware.from_model import target_of
from tinykit.graph.reader import read_model
from tinykit.hil.run import RunOptions, run_model

OFF = 0.25
"""Kernels for a core take a half to a third."""


@pytest.mark.slow
@pytest.mark.parametrize("board", ["qemu-mps2-an386", "qemu-riscv32"])
def test_layers_cost_what_is_said(shared: Path, board: str, monkeypatch: pytest.MonkeyPatch) -> None:
    need_tools(board)
    monkeypatch.setattr(variants, "_VARIANTS", {})
    model = shared / "models" / "mlperf_tiny" / "pretrainedResnet_quant.tflite"
    steps = compile_graph(read_model(model), target_of(load_board(board))).steps
    report = run_model(model, board, RunOptions(limit=1, reference=False))
    compared = 0
    for step, layer in zip(steps, report.latency.layers, strict=True):
        if step.instructions is not None:
            assert step.instructions == pytest.approx(layer.value, rel=OFF), step.label
            compared += 1
    assert compared >= 13
