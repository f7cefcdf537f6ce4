"""The receiver finds every frame whatever surrounds it, in whatever pieces the bytes arrive, and counts the rest."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from tinykit.errors import DeviceDied
from tinykit.link.frames import Frame, encode_frame
from tinykit.link.receiver import _KEPT_NOISE, LONGEST_FRAME, Receiver

frames = st.builds(
    Frame,
    st.integers(1, 4),
    st.integers(1, 7),
    st.integers(0, 2**16 - 1),
    st.integers(0, 2**32 - 1),
    st.binary(max_size=300),
)
noise = st.binary(min_size=1, max_size=40).map(lambda data: data.replace(b"\0", b"\x01"))


class Pieces:
    """A stream that delivers the given pieces, then ends."""

    description = "pieces"

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = [piece for piece in pieces if piece]

    def read(self, timeout: float) -> bytes:
        if not self._pieces:
            raise DeviceDied("the end")
        return self._pieces.pop(0)

    def write(self, data: bytes) -> None:
        raise AssertionError("a receiver does not write")

    def close(self) -> None: ...


def receive_all(receiver: Receiver) -> list[Frame]:
    received = []
    try:
        while frame := receiver.next_frame(time.monotonic() + 60):
            received.append(frame)
    except DeviceDied:
        return received
    raise AssertionError("the deadline passed before the stream ended")


def cut(data: bytes, places: Iterable[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(edges)]


@given(frames, frames)
def test_split_at_every_byte(first: Frame, second: Frame) -> None:
    data = encode_frame(first) + encode_frame(second)
    for place in range(len(data) + 1):
        assert receive_all(Receiver(Pieces([data[:place], data[place:]]))) == [first, second]
    assert receive_all(Receiver(Pieces(bytes([byte]) for byte in data))) == [first, second]


@given(st.lists(st.tuples(frames, noise), max_size=5), st.lists(st.integers(0, 10_000), max_size=8))
def test_noise_between_frames_costs_no_frame(parts: list[tuple[Frame, bytes]], places: list[int]) -> None:
    data = b"".join(mess + encode_frame(frame) for frame, mess in parts)
    receiver = Receiver(Pieces(cut(data, places)))
    assert receive_all(receiver) == [frame for frame, _ in parts]
    assert receiver.crc_errors == len(parts)
    assert receiver.frames_seen == len(parts)
    assert receiver.bytes_seen == len(data)
    assert receiver.noise() == b"".join(mess for _, mess in parts)


@given(frames, frames, frames, st.data())
def test_a_damaged_frame_is_counted_and_costs_no_other(a: Frame, b: Frame, c: Frame, draw: st.DataObject) -> None:
    damaged = bytearray(encode_frame(b))
    at = draw.draw(st.integers(1, len(damaged) - 2))  # not the delimiters
    damaged[at] = damaged[at] % 255 + 1  # another byte, and no delimiter
    receiver = Receiver(Pieces([encode_frame(a) + damaged + encode_frame(c)]))
    assert receive_all(receiver) == [a, c]
    assert receiver.crc_errors == 1


@given(st.lists(st.binary(max_size=200), max_size=6), frames)
def test_after_any_garbage_a_frame_is_received(garbage: list[bytes], frame: Frame) -> None:
    receiver = Receiver(Pieces([*garbage, encode_frame(frame)]))
    assert receive_all(receiver)[-1:] == [frame]
    assert len(receiver.noise()) <= _KEPT_NOISE


def test_frames_of_one_read_come_one_by_one_and_none_is_waited_for() -> None:
    wanted = [Frame(2, 3, number, 5) for number in range(10)]
    receiver = Receiver(Pieces([b"".join(map(encode_frame, wanted))]))
    past = time.monotonic() - 1
    first = receiver.next_frame(time.monotonic() + 60)
    assert [first, *(receiver.next_frame(past) for _ in wanted[1:])] == wanted
    assert receiver.next_frame(past) is None


def test_a_line_that_never_delimits_takes_no_memory() -> None:
    frame = Frame(2, 3, 4, 5)
    receiver = Receiver(Pieces([b"U" * 1000] * 1000 + [encode_frame(frame)]))
    assert receive_all(receiver) == [frame]
    assert 1_000_000 // (LONGEST_FRAME + 1000) <= receiver.crc_errors <= 1_000_000 // LONGEST_FRAME + 1
    assert receiver.noise() == b"U" * _KEPT_NOISE


def test_forgetting_noise_keeps_an_unfinished_frame() -> None:
    frame = Frame(2, 3, 4, 5)
    line = encode_frame(frame)
    receiver = Receiver(Pieces([encode_frame(frame) + b"tk-fault: old\0" + line[:6], line[6:]]))
    assert receiver.next_frame(time.monotonic() + 60) == frame
    assert receiver.next_frame(0) is None  # looks at what has arrived
    assert b"old" in receiver.noise()
    receiver.forget_noise()
    assert b"old" not in receiver.noise()
    assert receive_all(receiver) == [frame]
