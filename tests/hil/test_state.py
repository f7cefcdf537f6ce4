"""Models that keep something from run to run, on devices: each measurement begins as the reference does."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from support.tflite_builder import ModelBuilder
from tinykit.board import load_board
from tinykit.errors import DeviceRefused
from tinykit.firmware.from_model import build_model
from tinykit.graph.reader import read_model
from tinykit.hil.dataset import Dataset
from tinykit.hil.measure import measure
from tinykit.hil.reference import run_reference
from tinykit.hil.session import Session


def sums(path: Path) -> Path:
    """A model whose output is the sum of all inputs since it was reset, and the numbers 1, 2, 3, 4 at first."""
    model = ModelBuilder()
    x, y, old = model.input((4,), "float32"), model.output((4,), "float32"), model.tensor((4,), "float32")
    index, once = model.subgraph("once")
    handles = []
    for graph in (model, once):
        handles.append(graph.tensor((1,), "resource"))
    once.op("VAR_HANDLE", [], [handles[1]], shared_name="sum")
    once.op("ASSIGN_VARIABLE", [handles[1], once.const(np.arange(1, 5, dtype=np.float32))], [])
    model.op("CALL_ONCE", [], [], init_subgraph_index=index)
    model.op("VAR_HANDLE", [], [handles[0]], shared_name="sum")
    model.op("READ_VARIABLE", [handles[0]], [old])
    model.op("ADD", [x, old], [y])
    model.op("ASSIGN_VARIABLE", [handles[0], y], [])
    path.write_bytes(model.build())
    return path


@pytest.mark.parametrize("name", ["native", pytest.param("qemu-mps2-an386", marks=pytest.mark.slow)])
def test_a_stream_of_samples(name: str, tmp_path: Path) -> None:
    board = load_board(name)
    if name != "native" and (shutil.which("arm-none-eabi-gcc") is None or shutil.which("qemu-system-arm") is None):
        pytest.skip("arm-none-eabi-gcc or qemu-system-arm is not installed")
    model = sums(tmp_path / "sums.tflite")
    graph = read_model(model)
    image = build_model(model, board, tmp_path / "firmware")
    frames = np.arange(24, dtype=np.float32).reshape(6, 4)
    expected = frames.cumsum(axis=0) + np.arange(1, 5, dtype=np.float32)
    data = Dataset((frames,), None, "frames", None)
    with Session(board, image) as session:
        session.infer(frames[0])
        for number, frame in enumerate(frames):
            (result,) = session.infer(frame, fresh=number == 0).outputs
            assert (result == expected[number]).all()
        assert session.check_layers() == session.check_layers(), "each begins anew"
        report = measure(session, graph, data, run_reference(model, data))
    assert report.accuracy.identical == len(frames)
    assert report.accuracy.mismatches == 0


def test_a_firmware_without_state_refuses_to_forget(tmp_path: Path) -> None:
    model = ModelBuilder()
    model.op("RELU", [model.input((4,), "float32")], [model.output((4,), "float32")])
    (tmp_path / "relu.tflite").write_bytes(model.build())
    board = load_board("native")
    with Session(board, build_model(tmp_path / "relu.tflite", board, tmp_path / "firmware")) as session:
        session.infer(np.zeros(4, np.float32), fresh=True)  # there is nothing to forget: the session knows
        with pytest.raises(DeviceRefused):
            session.client.run(fresh=True)
