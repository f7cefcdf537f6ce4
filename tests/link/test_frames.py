"""Frames: header, payload and CRC go over the line and come back; anything else is a FrameError."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tinykit.link import cobs
from tinykit.link.frames import Command, Frame, FrameError, Kind, decode_frame, encode_frame

frames = st.builds(
    Frame,
    kind=st.integers(0, 255),
    command=st.integers(0, 255),
    sequence=st.integers(0, 2**16 - 1),
    session=st.integers(0, 2**32 - 1),
    payload=st.one_of(st.binary(max_size=80), st.sampled_from([bytes(300), b"x" * 4096, b"\0x" * 400])),
)


@given(frames)
def test_round_trip(frame: Frame) -> None:
    line = encode_frame(frame)
    assert line[0] == line[-1] == 0
    assert 0 not in line[1:-1]
    assert decode_frame(line[1:-1]) == frame


def test_the_layout_is_the_documented_one() -> None:
    frame = Frame(Kind.REPLY, Command.RUN, 0x1234, 0xAABBCCDD, b"\x07")
    body = b"\x02\x04\x34\x12\xdd\xcc\xbb\xaa\x07"
    raw = cobs.decode(encode_frame(frame)[1:-1])
    assert raw[:-4] == body
    assert raw[-4:] == struct.pack("<I", zlib.crc32(body))


@given(st.binary(max_size=300))
def test_garbage_raises_nothing_but_frame_error(garbage: bytes) -> None:
    with pytest.raises(FrameError):
        decode_frame(garbage)


@given(st.binary(max_size=11))
def test_shorter_than_header_and_crc(raw: bytes) -> None:
    with pytest.raises(FrameError, match="too few"):
        decode_frame(cobs.encode(raw))


@given(st.binary(max_size=7))
def test_a_right_crc_does_not_make_a_short_piece_a_frame(body: bytes) -> None:
    with pytest.raises(FrameError, match="too few"):
        decode_frame(cobs.encode(body + struct.pack("<I", zlib.crc32(body))))


@given(frames, st.data())
def test_every_flipped_bit_is_found(frame: Frame, draw: st.DataObject) -> None:
    # CRC-32 finds every burst of up to 32 bits; a flip in the encoding moves at most what is between two codes,
    # so flips are made in the raw frame, where the guarantee is.
    raw = bytearray(cobs.decode(encode_frame(frame)[1:-1]))
    bit = draw.draw(st.integers(0, 8 * len(raw) - 1))
    raw[bit // 8] ^= 1 << bit % 8
    with pytest.raises(FrameError, match="CRC"):
        decode_frame(cobs.encode(bytes(raw)))


@given(frames, st.data())
def test_a_damaged_byte_on_the_line_is_found(frame: Frame, draw: st.DataObject) -> None:
    line = bytearray(encode_frame(frame)[1:-1])
    at = draw.draw(st.integers(0, len(line) - 1))
    value = draw.draw(st.integers(0, 255))
    assume(value != line[at])
    line[at] = value
    with pytest.raises(FrameError):
        decode_frame(bytes(line))


@given(frames, st.data())
def test_a_lost_byte_is_found(frame: Frame, draw: st.DataObject) -> None:
    line = encode_frame(frame)[1:-1]
    at = draw.draw(st.integers(0, len(line) - 1))
    shorter = line[:at] + line[at + 1 :]
    with pytest.raises(FrameError):
        decode_frame(shorter)
