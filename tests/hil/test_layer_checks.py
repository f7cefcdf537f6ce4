"""Checks of what each layer computed: on the device, over its real memory."""

from __future__ import annotations

import shutil
import zlib
from pathlib import Path

import pytest

from tinykit.board import Board, load_board
from tinykit.errors import DeviceRefused
from tinykit.firmware import Image
from tinykit.firmware.from_model import build_model
from tinykit.graph.types import Graph
from tinykit.hil.dataset import load_dataset
from tinykit.hil.report import Report
from tinykit.hil.session import Session
from tinykit.link import Client

from .conftest import DIGITS, DIGITS_DATA


def checks_on(board: Board, image: Image, digits: Graph) -> tuple[list[int | None], bytes]:
    """Of the first sample; and the output."""
    data = load_dataset(DIGITS_DATA, digits, limit=1)
    with Session(board, image) as session:
        inference = session.infer(*data.sample(0))
        return session.check_layers(), inference.outputs[0].tobytes()


def test_the_last_layer_is_checked_where_the_output_is(native_image: Image, digits: Graph) -> None:
    checks, output = checks_on(native_image.board, native_image, digits)
    assert len(checks) == 8
    assert None not in checks
    assert checks[-1] == zlib.crc32(output)


@pytest.mark.slow
def test_short_frames_and_other_kernels_give_the_same_checks(
    native_image: Image, digits: Graph, tmp_path: Path
) -> None:
    """Layers compute the same bits on all cores, so their checks are the same."""
    if shutil.which("arm-none-eabi-gcc") is None or shutil.which("qemu-system-arm") is None:
        pytest.skip("arm-none-eabi-gcc or qemu-system-arm is not installed")
    board = load_board("qemu-mps2-an386")
    # 8 layers are more than one request of 64 bytes can ask for
    board = board.model_copy(update={"link": board.link.model_copy(update={"max_payload": 64})})
    image = build_model(DIGITS, board, tmp_path / "firmware")
    assert checks_on(board, image, digits) == checks_on(native_image.board, native_image, digits)


def test_reports_have_them(native_report: Report) -> None:
    checks = [layer.output_crc for layer in native_report.latency.layers]
    assert all(check is not None and len(check) == 8 for check in checks)
    assert len(native_report.accuracy.outputs_sha256 or "") == 64


def test_a_firmware_of_an_earlier_tinykit_has_none(
    native_image: Image, digits: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Client, pieces: object, *, fresh: bool, timeout: float) -> list[int]:
        raise DeviceRefused("status BAD_LENGTH")  # what such a one answers: docs/protocol.md, RUN

    monkeypatch.setattr(Client, "check_layers", refuse)
    assert checks_on(native_image.board, native_image, digits)[0] == [None] * 8
