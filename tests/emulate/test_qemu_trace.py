"""QEMU's log, begun and ended through its monitor."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tinykit.board import load_board
from tinykit.cycles.trace import read_trace
from tinykit.emulate.qemu_trace import TracingQemu
from tinykit.errors import DeviceDied, ToolMissing
from tinykit.firmware import Image
from tinykit.firmware.from_model import build_model
from tinykit.link import Client

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """The digits model in a firmware."""
    model = ROOT / "models" / "digits" / "digits.tflite"
    try:
        return build_model(model, load_board("qemu-mps2-an386"), tmp_path_factory.mktemp("digits") / "firmware")
    except ToolMissing as error:
        pytest.skip(str(error))


@pytest.mark.slow
def test_only_what_runs_in_between_is_logged(image: Image, tmp_path: Path) -> None:
    log = tmp_path / "qemu.log"
    device = TracingQemu(image.board, image.elf, log)
    with device as stream:
        client = Client(stream, expected_build=image.build_id)
        client.connect()
        device.begin()
        client.run()
        device.end()
        size = log.stat().st_size
        client.run(10)
        assert log.stat().st_size == size, "nothing after the end"
    trace = read_trace(log.read_bytes().splitlines())
    names = {block.symbol for block in trace.blocks}
    assert "tk_port_ticks" in names, "blocks that had been translated before"
    assert "tk_reset_handler" not in names, "nothing before the beginning"


@pytest.mark.slow
def test_a_qemu_that_is_gone_is_named(image: Image, tmp_path: Path) -> None:
    device = TracingQemu(image.board, image.elf, tmp_path / "qemu.log")
    with device:
        assert device.pid is not None
        os.kill(device.pid, signal.SIGKILL)
        with pytest.raises(DeviceDied, match="monitor does not answer"):
            device.begin()
