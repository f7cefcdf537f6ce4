"""Emulators load their image at each start; flashing one is a start that shows that the image runs."""

from __future__ import annotations

from tinykit.board import Board
from tinykit.emulate import open_board
from tinykit.firmware import Image
from tinykit.link import Client, DeviceInfo


def flash_emulator(board: Board, image: Image, port: str | None = None) -> DeviceInfo:
    """Start the image, wait until this build answers, stop. With a port: see whether it runs there already."""
    with open_board(board, image, port) as stream:
        return Client(stream, expected_build=image.build_id).connect()
