"""Lines to a device that lose, damage and repeat what goes over them, and a host that says anything it likes."""

from __future__ import annotations

import time
from collections.abc import Callable

from tinykit.link.frames import Command, Frame, FrameError, Kind, decode_frame, encode_frame
from tinykit.link.receiver import Receiver
from tinykit.link.stream import ByteStream

Change = Callable[[Frame, bytes], bytes]
"""From a frame and its bytes on the line (delimiters included) to what the other side gets of it."""


def unchanged(frame: Frame, line: bytes) -> bytes:
    return line


class Wire:
    """A stream whose frames go through ``sending`` and ``receiving``; ``noise`` is received before anything else."""

    def __init__(self, stream: ByteStream, sending: Change = unchanged, receiving: Change = unchanged) -> None:
        self._stream = stream
        self.description = stream.description
        self.sending = sending
        self.receiving = receiving
        self.noise = b""
        self._pending = b""

    def write(self, data: bytes) -> None:
        self._stream.write(self.sending(decode_frame(data[1:-1]), data))

    def read(self, timeout: float) -> bytes:
        deadline = time.monotonic() + timeout
        while True:
            self._pending += self._stream.read(max(0.0, deadline - time.monotonic()))
            *pieces, self._pending = self._pending.split(b"\0")
            out, self.noise = self.noise, b""
            out += b"".join(self._received(b"\0" + piece + b"\0") for piece in pieces if piece)
            if out or time.monotonic() >= deadline:
                return out

    def close(self) -> None:
        self._stream.close()

    def _received(self, line: bytes) -> bytes:
        try:
            frame = decode_frame(line[1:-1])
        except FrameError:
            return line  # a fault report
        return self.receiving(frame, line)


class Once:
    """Changes the first frame of a kind and command, and no other; ``to``: what becomes of it."""

    def __init__(self, kind: Kind, command: Command, to: Change = lambda frame, line: b"") -> None:
        self._wanted = (kind, command)
        self._to = to
        self.done = False

    def __call__(self, frame: Frame, line: bytes) -> bytes:
        if self.done or (frame.kind, frame.command) != self._wanted:
            return line
        self.done = True
        return self._to(frame, line)


def damaged(frame: Frame, line: bytes) -> bytes:
    """The frame with one byte changed, still one piece."""
    at = len(line) // 2
    return line[:at] + bytes([line[at] % 255 + 1]) + line[at + 1 :]


class RawHost:
    """Sends any frame in a session of its own, and gives the answers as they are."""

    def __init__(self, stream: ByteStream, session: int = 0x1234, sequence: int = 0) -> None:
        self.stream = stream
        self.session = session
        self.sequence = sequence
        self._receiver = Receiver(stream)
        hello = self.answer(Command.HELLO)
        assert hello is not None, "the agent does not answer"
        assert hello.kind == Kind.REPLY

    def send(self, command: int, payload: bytes = b"", kind: int = Kind.REQUEST, session: int | None = None) -> None:
        session = self.session if session is None else session
        self.stream.write(encode_frame(Frame(kind, command, self.sequence, session, payload)))

    def receive(self, timeout: float = 20.0) -> Frame | None:
        """The next answer to this session's request under way; None when none comes."""
        deadline = time.monotonic() + timeout
        while frame := self._receiver.next_frame(deadline):
            if frame.kind in (Kind.REPLY, Kind.ERROR) and frame.sequence == self.sequence:
                return frame
        return None

    def answer(self, command: int, payload: bytes = b"") -> Frame | None:
        self.send(command, payload)
        return self.receive()

    def request(self, command: int, payload: bytes = b"") -> Frame:
        """A new request, and its answer."""
        self.sequence = (self.sequence + 1) & 0xFFFF
        frame = self.answer(command, payload)
        assert frame is not None, f"no answer to command {command}"
        return frame
