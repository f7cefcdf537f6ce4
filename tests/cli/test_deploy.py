"""`tinykit deploy`: what it refuses, and what it says of a board that is not there."""

from __future__ import annotations

import pytest

from .conftest import Tinykit


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["model.tflite"], "over ssh"),
        (["model.tflite", "--port", "/dev/ttyUSB0"], "over ssh"),
        (["--port", "ssh://pi@board"], "none of them"),
        (["--port", "ssh://pi@board", "--status", "--remove"], "--status, --remove"),
        (["model.tflite", "--port", "ssh://pi@board", "--status"], "model.tflite, --status"),
        (["model.tflite", "--port", "ssh://pi@board"], "--board"),
        (["model.tflite", "--port", "ssh://pi@board", "--engine", "tflm"], "no engine 'tflm'"),
        (["model.tflite", "--port", "ssh://pi@board", "--engine", "library", "--cpu-fallback"], "runs on the CPU"),
        (["model.tflite", "--port", "ssh://pi@board", "--accelerator", "coral"], "coral-usb"),
        (["--status", "--port", "ssh://pi:secret@board"], "wrong ssh address"),
    ],
)
def test_what_cannot_be_is_refused(tinykit: Tinykit, arguments: list[str], words: str) -> None:
    done = tinykit("deploy", *arguments)
    assert (done.code, done.out) == (2, ""), done.err
    assert words in done.err
