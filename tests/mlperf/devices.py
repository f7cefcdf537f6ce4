"""Firmware with a model of a few bytes that speaks MLPerf Tiny's protocol, and a line to it that sees every byte."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from support.probe import need_tools
from tinykit.board import load_board
from tinykit.firmware import Image, build_project, render_sources
from tinykit.firmware.manifest import Facts
from tinykit.firmware.mlperf import MlperfId
from tinykit.link.stream import ByteStream

MODEL = (Path(__file__).parent / "small_model.c").read_text()
BANNER = b"m-init-done\r\nm-ready\r\n"


@dataclass(frozen=True)
class Tensor:
    """``dtype``: number of the type in the TFLite schema."""

    dtype: int
    size: int
    scale: float = 0.0
    zero_point: int = 0

    @property
    def fields(self) -> str:
        return f".dtype = {self.dtype}, .scale = {self.scale!r}f, .zero_point = {self.zero_point}"


INT8_IN = Tensor(9, 12, 0.5, -3)
INT8_OUT = Tensor(9, 4, 0.00390625, -128)


@dataclass(frozen=True)
class Small:
    """A build of the small model."""

    board: str = "native"
    mlperf: MlperfId | None = "kws01"
    source: Tensor = INT8_IN
    target: Tensor = INT8_OUT
    init: int = 0

    def build(self, folder: Path) -> Image:
        need_tools(self.board)
        board = load_board(self.board)
        defines = {
            "SOURCE": self.source.fields,
            "TARGET": self.target.fields,
            "IN": self.source.size,
            "OUT": self.target.size,
            "INIT_STATUS": self.init,
        }
        text = "".join(f"#define {name} {value}\n" for name, value in defines.items()) + MODEL
        facts = Facts("small", "5a" + "00" * 31, (self.source.size,), 16, 16, {})
        project = render_sources(
            {"src/model/model_info.c": text.encode()},
            facts,
            board,
            folder,
            sanitize=board.is_native,
            mlperf=self.mlperf,
        )
        return build_project(project)


class Terminal:
    """Every byte that a device sends, taken as it comes."""

    def __init__(self, stream: ByteStream) -> None:
        self.stream = stream

    def receive(self, end: bytes = b"m-ready\r\n", timeout: float = 10.0) -> bytes:
        """All up to ``end``, which has to be the last that comes."""
        got = b""
        deadline = time.monotonic() + timeout
        while not got.endswith(end):
            assert time.monotonic() < deadline, got
            got += self.stream.read(0.2)
        return got

    def ask(self, text: bytes) -> bytes:
        self.stream.write(text)
        return self.receive()

    def silence(self, seconds: float = 0.2) -> bytes:
        """What comes though nothing was asked."""
        return self.stream.read(seconds)
