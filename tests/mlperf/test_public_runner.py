"""The firmware under the public runner's device class, as reimplemented in public_runner.py."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import threading
import tty
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from mlperf.conftest import StartSmall
from mlperf.devices import BANNER, Small, Terminal
from mlperf.public_runner import PublicRunner, RunnerFailed
from support.probe import need_tools
from tinykit.board import load_board
from tinykit.emulate import OpenBoard, open_board
from tinykit.firmware.from_model import BuildOptions, build_model
from tinykit.link.stream import ByteStream


@contextlib.contextmanager
def as_serial_port(board: OpenBoard, *, started: bool = True) -> Iterator[str]:
    """The name of a pseudo-terminal that carries a device's bytes.

    Args:
        started: before there was a port to open, as with a board whose debug probe is its serial port.
    """
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    ended = threading.Event()
    try:
        with board as stream:
            if started:
                assert Terminal(stream).receive() == BANNER
            pump = threading.Thread(target=_pump, args=(ours, stream, ended))
            pump.start()
            try:
                yield os.ttyname(theirs)
            finally:
                ended.set()
                pump.join()
    finally:
        os.close(ours)
        os.close(theirs)


def _pump(ours: int, stream: ByteStream, ended: threading.Event) -> None:
    while not ended.is_set():
        if select.select([ours], [], [], 0)[0]:
            stream.write(os.read(ours, 4096))
        data = stream.read(0.005)
        while data:
            data = data[os.write(ours, data) :]


@contextlib.contextmanager
def runner_of(board: OpenBoard) -> Iterator[PublicRunner]:
    with as_serial_port(board) as port:
        runner = PublicRunner(port)
        try:
            yield runner
        finally:
            runner.close()


def test_all_that_the_runner_does(start_small: StartSmall) -> None:
    with runner_of(start_small()) as runner:
        assert (runner.name, runner.model) == ("native", "kws01")
        assert runner.profile.startswith("tinykit ")
        assert runner.load(bytes(range(12))) == ["m-load-done", "m-ready"]
        results, elapsed = runner.infer(70, 10)
        assert results == [0.5, 0.504, 0.508, 0.512]
        assert elapsed >= 0
        lines = runner.timestamp()
        assert lines[0].startswith("m-lap-us-")
        assert lines[-1] == "m-ready"


@pytest.mark.slow
def test_a_firmware_without_the_option_ends_the_runner(start_small: StartSmall) -> None:
    """Its banner has bytes that are no text: the reimplementation is as strict as the runner."""
    with (
        as_serial_port(start_small(Small(mlperf=None)), started=False) as port,
        pytest.raises(RunnerFailed, match="UnicodeDecodeError"),
    ):
        PublicRunner(port)


@pytest.mark.slow
def test_a_start_after_the_port_was_opened_puts_replies_one_off(start_small: StartSmall) -> None:
    """So it is with any firmware that says `m-ready` at its start; docs/mlperf.md tells."""
    with as_serial_port(start_small(), started=False) as port:
        runner = PublicRunner(port)
        try:
            assert runner.load(bytes(12)) == ["m-[Expecting 12 bytes]", "m-ready"]
        finally:
            runner.close()


@pytest.mark.slow
@pytest.mark.parametrize("board", ["native", "qemu-mps2-an386"])
def test_keywords_as_the_runner_scores_them(shared: Path, board: str, tmp_path: Path) -> None:
    need_tools(board)
    model = shared / "models" / "mlperf_tiny" / "kws_ref_model.tflite"
    image = build_model(model, load_board(board), tmp_path / "project", BuildOptions(mlperf="auto"))
    data = np.load(shared / "datasets" / "kws01.npz")
    right = 0
    with runner_of(open_board(image.board, image)) as runner:
        assert runner.model == "kws01"
        for sample, label in zip(data["x"][:50], data["y"][:50], strict=True):
            runner.load(sample.tobytes())
            results, elapsed = runner.infer(1, 0)
            assert len(results) == 12
            assert elapsed > 0
            right += int(np.argmax(results)) == label
    assert right == 47
