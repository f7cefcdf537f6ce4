"""A real board on a serial port, with the same face as an emulated one."""

from __future__ import annotations

from types import TracebackType

from tinykit.board import Board
from tinykit.link.stream import ByteStream, SerialStream


class SerialPort:
    """The serial port a board is connected to.

    Raises:
        DeviceMissing: the port does not exist or cannot be opened (on entry).
    """

    def __init__(self, board: Board, port: str) -> None:
        self._board = board
        self._port = port
        self._stream: SerialStream | None = None

    def __enter__(self) -> ByteStream:
        self._stream = SerialStream(self._port, self._board.link.baud)
        return self._stream

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream is not None:
            self._stream.close()
