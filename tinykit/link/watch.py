"""Reads along: everything a device sends, as lines of text."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from tinykit.link.frames import Command, Frame, FrameError, Kind, Status, decode_frame
from tinykit.link.info import parse_identity
from tinykit.link.receiver import LONGEST_FRAME
from tinykit.link.stream import ByteStream

_IDLE = 0.2
"""Seconds of silence after which text without an end is shown."""
_LOST = 2.0
"""Seconds of silence after which other bytes are shown, too: no frame stops for so long before it ends."""
_CONTROL = frozenset(range(32)) - frozenset(b"\t\r\n\x1b")
"""Bytes that are in no text, but among the first of every frame (docs/protocol.md)."""


def watch(stream: ByteStream, show: Callable[[str], None], seconds: float | None = None) -> None:
    """Call ``show`` with a line for each frame and each piece of text, for ``seconds`` or until interrupted.

    Raises:
        DeviceDied: the stream ended.
    """
    end = None if seconds is None else time.monotonic() + seconds
    pending = b""
    arrived = time.monotonic()
    while end is None or time.monotonic() < end:
        data = stream.read(_IDLE if end is None else min(_IDLE, max(0.0, end - time.monotonic())))
        if data:
            arrived = time.monotonic()
        *pieces, pending = (pending + data).split(b"\0")
        if _shown_without_delimiter(pending, silence=0.0 if data else time.monotonic() - arrived):
            pieces.append(pending)
            pending = b""
        _show_all(pieces, show)
    _show_all([pending], show)


def _shown_without_delimiter(pending: bytes, silence: float) -> bool:
    """Whether a piece that may go on is shown as it is: lines and prompts are, the beginning of a frame is not."""
    if _CONTROL.isdisjoint(pending):
        return silence > 0 or pending.endswith(b"\n") or len(pending) > LONGEST_FRAME
    return silence > _LOST or len(pending) > LONGEST_FRAME


def _show_all(pieces: Sequence[bytes], show: Callable[[str], None]) -> None:
    for piece in pieces:
        for line in _describe(piece):
            show(line)


def _describe(piece: bytes) -> list[str]:
    if not piece:
        return []
    try:
        return [_frame_line(decode_frame(piece))]
    except FrameError:
        return [_printable(line) for line in piece.splitlines() if line.strip()]


def _frame_line(frame: Frame) -> str:
    kind = Kind(frame.kind).name.lower() if frame.kind in Kind._value2member_map_ else f"kind {frame.kind}"
    known = frame.command in Command._value2member_map_
    command = Command(frame.command).name if known else f"command {frame.command}"
    text = f"{kind:7} {command:8} session {frame.session:08x} sequence {frame.sequence}"
    if frame.kind == Kind.EVENT and frame.command == Command.BANNER:
        try:
            identity = parse_identity(frame.payload)
        except ValueError as error:
            return f"{text}  {error}"
        return f"{text}  build {identity.build_id} boot {identity.boot_nonce:08x} protocol {identity.protocol}"
    if frame.kind == Kind.ERROR and frame.payload and frame.payload[0] in Status._value2member_map_:
        return f"{text}  {Status(frame.payload[0]).name}"
    return f"{text}  {len(frame.payload)} bytes {frame.payload[:24].hex(' ')}"


def _printable(line: bytes) -> str:
    return "".join(chr(b) if 32 <= b < 127 else f"\\x{b:02x}" for b in line)
