"""Lines of text from a byte stream, and a transcript of all that went over it."""

from __future__ import annotations

import time

from tinykit.link.stream import ByteStream

_LONGEST_LINE = 1 << 20
"""Bytes; results of 65,536 numbers take less."""
_KEPT = 512


class Lines:
    """Commands out, lines in.

    Attributes:
        transcript: every command and line in order, after ``"> "`` (to the device) or ``"< "`` (from it).
        bytes_seen: all bytes received.
    """

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self._pending = b""
        self._last = b""
        self.transcript: list[str] = []
        self.bytes_seen = 0

    @property
    def description(self) -> str:
        """What the line is called in messages."""
        return self._stream.description

    @property
    def last_bytes(self) -> bytes:
        """The end of what was received."""
        return self._last

    def send(self, command: str) -> None:
        """Send a command and the character that ends it.

        Raises:
            DeviceDied: the other side is gone.
        """
        self.transcript.append(f"> {command}%")
        self._stream.write(f"{command}%".encode("ascii"))

    def end_frame(self) -> None:
        """Send a zero: it ends what an unfinished frame left of itself on the line, and means nothing to text.

        Raises:
            DeviceDied: the other side is gone.
        """
        self._stream.write(b"\0")

    def next_line(self, timeout: float) -> str | None:
        """The next line without its end, or None when there is no whole one within ``timeout`` seconds.

        Bytes up to the last zero of a line are those of frames of tinykit's link, and left out. Bytes that are no
        characters are replaced.

        Raises:
            DeviceDied: the stream ended.
        """
        deadline = time.monotonic() + timeout
        while b"\n" not in self._pending and len(self._pending) < _LONGEST_LINE:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return None
            data = self._stream.read(remaining)
            self.bytes_seen += len(data)
            self._last = (self._last + data)[-_KEPT:]
            self._pending += data
        raw, _, self._pending = self._pending.partition(b"\n")
        line = raw.rpartition(b"\0")[2].rstrip(b"\r").decode("ascii", errors="replace")
        self.transcript.append(f"< {line}")
        return line
