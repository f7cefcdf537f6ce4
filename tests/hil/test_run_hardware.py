"""`run` on a board that is no emulator: flashed first, then tested over its serial port."""

from __future__ import annotations

import os
import shutil
import tty
from pathlib import Path

import pytest

from support.tflite_builder import ModelBuilder
from tinykit.board import Board, load_board
from tinykit.firmware import Image
from tinykit.hil import run as run_module
from tinykit.hil.run import RunOptions, run_model
from tinykit.process import ChildProcess


@pytest.mark.slow
def test_hardware_is_flashed_before_it_is_tested(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("cc") is None or shutil.which("make") is None:
        pytest.skip("cc or make is not installed")
    text = Path(load_board("native").path or "").read_text().replace('name = "native"', 'name = "bench"')
    board = tmp_path / "bench.toml"
    board.write_text(
        text[: text.index("[emulator]")]
        + '[flasher]\nkind = "esptool"\n[flasher.esptool]\nchip = "esp32"\nbootloader = 0x1000\n'
    )
    builder = ModelBuilder()
    x = builder.input((1, 16), scale=0.1, zero_point=3)
    y = builder.output((1, 16), scale=0.1, zero_point=3)
    builder.op("RELU", [x], [y])
    model = tmp_path / "small.tflite"
    model.write_bytes(builder.build())

    ours, theirs = os.openpty()
    tty.setraw(theirs)
    port = os.ttyname(theirs)
    started: list[ChildProcess] = []

    def flash(board: Board, image: Image, given: str | None, progress: object) -> None:
        """What a flasher leaves behind: this build, running at the port."""
        assert given == port
        started.append(ChildProcess([str(image.elf)], stdio=ours))

    monkeypatch.setattr(run_module, "flash", flash)
    try:
        report = run_model(model, str(board), RunOptions(port=port, limit=3))
    finally:
        for child in started:
            child.stop()
        os.close(ours)
        os.close(theirs)
    assert report.accuracy.identical in (3, None)
    assert not report.failures
