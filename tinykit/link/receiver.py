"""Takes frames out of a byte stream, and keeps what was no frame for messages."""

from __future__ import annotations

import time

from tinykit.link.frames import Frame, FrameError, decode_frame
from tinykit.link.stream import ByteStream

_KEPT_NOISE = 512
TEXT_BANNER = b"m-init-done\r\nm-ready\r\n"
"""Instead of the banner, from a firmware that speaks MLPerf Tiny's protocol, too (see docs/protocol.md)."""
LONGEST_FRAME = 70000
"""Bytes after which an unfinished frame is given up: no device sends frames that long (see docs/protocol.md)."""


class Receiver:
    """Frames from a stream, in order.

    Attributes:
        crc_errors: pieces between delimiters that were no valid frame, nor the text of a start.
        bytes_seen: all bytes received.
        frames_seen: all valid frames received.
        last_arrival: when the last bytes came (time.monotonic); 0 before.
    """

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self._pending = bytearray()
        self._noise = bytearray()
        self.crc_errors = 0
        self.bytes_seen = 0
        self.frames_seen = 0
        self.last_arrival = 0.0

    def next_frame(self, deadline: float) -> Frame | None:
        """The next valid frame, or None when ``deadline`` (time.monotonic) passes first.

        Raises:
            DeviceDied: the stream ended.
        """
        while True:
            frame = self._take()
            if frame is not None:
                return frame
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return None
            data = self._stream.read(remaining)
            if data:
                self.last_arrival = time.monotonic()
            self.bytes_seen += len(data)
            self._pending += data

    def noise(self) -> bytes:
        """The end of what arrived outside of frames, an unfinished piece included."""
        return bytes(self._noise + self._pending)[-_KEPT_NOISE:]

    def unfinished(self) -> bytes:
        """What arrived since the last delimiter."""
        return bytes(self._pending)

    def forget_noise(self) -> None:
        """Start anew with ``noise``, but for an unfinished piece."""
        self._noise.clear()

    def _take(self) -> Frame | None:
        while True:
            piece, delimiter, rest = self._pending.partition(b"\0")
            if not delimiter:
                if len(self._pending) > LONGEST_FRAME:
                    self._discard(bytes(self._pending))
                    self._pending = bytearray()
                return None
            self._pending = rest
            if not piece:
                continue
            try:
                frame = decode_frame(bytes(piece))
            except FrameError:
                self._discard(bytes(piece))
                continue
            self.frames_seen += 1
            return frame

    def _discard(self, piece: bytes) -> None:
        self.crc_errors += not piece.endswith(TEXT_BANNER)
        self._noise = (self._noise + piece)[-_KEPT_NOISE:]
