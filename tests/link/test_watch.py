"""Reading along: every frame and every text becomes a line, and nothing that arrives ends it."""

from __future__ import annotations

import random
import struct
import time

import pytest

from tinykit.errors import DeviceDied
from tinykit.link.frames import Command, Frame, Kind, Status, encode_frame
from tinykit.link.watch import watch

IDENTITY = struct.pack("<BHI16s", 1, 64, 0xABCD, bytes(range(16)))


class Arriving:
    """A stream that delivers some pieces, then ends."""

    description = "arriving"

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = list(pieces)

    def read(self, timeout: float) -> bytes:
        if not self._pieces:
            raise DeviceDied("the end")
        return self._pieces.pop(0)

    def write(self, data: bytes) -> None: ...

    def close(self) -> None: ...


def lines_of(*pieces: bytes) -> list[str]:
    shown: list[str] = []
    with pytest.raises(DeviceDied):
        watch(Arriving(*pieces), shown.append)
    return shown


def test_a_banner() -> None:
    (line,) = lines_of(encode_frame(Frame(Kind.EVENT, Command.BANNER, 0, 0, IDENTITY)))
    assert line.startswith("event   BANNER")
    assert f"build {bytes(range(16)).hex()} boot 0000abcd protocol 1" in line


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("payload", [b"", b"\x02", bytes(22), bytes(24)])
def test_a_frame_that_is_only_almost_a_banner(kind: Kind, payload: bytes) -> None:
    (line,) = lines_of(encode_frame(Frame(kind, Command.BANNER, 0, 0, payload)))
    assert line.startswith(kind.name.lower())


def test_refusals_are_named_and_unknown_numbers_shown() -> None:
    refused = Frame(Kind.ERROR, Command.READ, 3, 0x1F, bytes([Status.BAD_RANGE]))
    unknown = Frame(9, 0x77, 4, 5, b"\xab")
    first, second = lines_of(encode_frame(refused) + encode_frame(unknown))
    assert first.split() == ["error", "READ", "session", "0000001f", "sequence", "3", "BAD_RANGE"]
    assert second.split()[:4] == ["kind", "9", "command", "119"]
    assert second.endswith("1 bytes ab")


def test_text_between_frames_in_pieces() -> None:
    frame = encode_frame(Frame(Kind.REPLY, Command.RUN, 1, 1))
    shown = lines_of(b"hel", b"lo\r\n" + frame[:5], frame[5:] + b"\x1b[31mred\n", b"no end", b"")
    assert [line.split()[0] for line in shown] == ["hello", "reply", "\\x1b[31mred", "no"]


@pytest.mark.parametrize("cut", [3, 20, 30, 46])
def test_a_frame_that_stops_half_way_is_still_one(cut: int) -> None:
    """The sender may be interrupted anywhere, after a byte that would end a line of text as well."""
    nonce = struct.pack("<BHI16s", 1, 64, 0x0A0A0A0A, b"\n" * 16)
    frame = encode_frame(Frame(Kind.EVENT, Command.BANNER, 0, 0, nonce))
    (line,) = lines_of(frame[:cut], b"", frame[cut:])
    assert line.startswith("event   BANNER")


class Slow(Arriving):
    """Nothing comes for as long as one waits, after the pieces."""

    def read(self, timeout: float) -> bytes:
        if self._pieces:
            return super().read(timeout)
        time.sleep(timeout)
        return b""


def test_bytes_that_are_neither_text_nor_a_frame_are_shown_at_the_end() -> None:
    """Such as those of another baud rate."""
    shown: list[str] = []
    watch(Slow(b"\x01\xf8", b"\x02"), shown.append, seconds=0.1)
    assert shown == ["\\x01\\xf8\\x02"]


def test_and_before_it_when_nothing_more_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinykit.link.watch._LOST", 0.3)

    class Shown(Exception):
        pass

    def show(line: str) -> None:
        raise Shown(line)

    with pytest.raises(Shown, match="xf8"):
        watch(Slow(b"\x01\xf8"), show)


def test_any_bytes() -> None:
    rng = random.Random(3)
    shown = lines_of(*(rng.randbytes(rng.randrange(1, 400)) for _ in range(300)))
    assert shown
    assert all(line.isprintable() and line.isascii() for line in shown)


def test_a_line_without_an_end_is_shown_in_parts() -> None:
    shown = lines_of(*[b"U" * 10_000] * 30)
    assert 3 <= len(shown) <= 5
    assert max(map(len, shown)) <= 90_000
