"""Frames: a header, a payload and a CRC-32, as bytes on the line. Numbers are those of docs/protocol.md."""

from __future__ import annotations

import enum
import struct
import zlib
from dataclasses import dataclass

from tinykit.link import cobs

PROTOCOL_VERSION = 1
_HEADER = struct.Struct("<BBHI")
_CRC = struct.Struct("<I")
DELIMITER = b"\0"


class Kind(enum.IntEnum):
    REQUEST = 1
    REPLY = 2
    ERROR = 3
    EVENT = 4


class Command(enum.IntEnum):
    HELLO = 0x01
    INFO = 0x02
    WRITE = 0x03
    RUN = 0x04
    READ = 0x05
    MEMORY = 0x06
    RESET = 0x07
    BANNER = 0x10


class Status(enum.IntEnum):
    """What an error reply's payload says."""

    OK = 0
    NO_SESSION = 1
    BAD_COMMAND = 2
    BAD_LENGTH = 3
    BAD_INDEX = 4
    BAD_RANGE = 5
    BAD_ARGUMENT = 6
    MODEL_FAILED = 7


class ReadObject(enum.IntEnum):
    """What READ reads."""

    OUTPUT = 0
    INPUT = 1
    PROFILE = 2


@dataclass(frozen=True)
class Frame:
    kind: int
    command: int
    sequence: int
    session: int
    payload: bytes = b""


class FrameError(ValueError):
    """Bytes between two delimiters that are not a frame."""


def encode_frame(frame: Frame) -> bytes:
    """The frame as it goes over the line, a delimiter at both ends."""
    body = _HEADER.pack(frame.kind, frame.command, frame.sequence, frame.session) + frame.payload
    return DELIMITER + cobs.encode(body + _CRC.pack(zlib.crc32(body))) + DELIMITER


def decode_frame(data: bytes) -> Frame:
    """The frame in the bytes between two delimiters.

    Raises:
        FrameError: they are not a COBS encoding, too short, or the CRC is wrong.
    """
    try:
        raw = cobs.decode(data)
    except ValueError as error:
        raise FrameError(str(error)) from None
    if len(raw) < _HEADER.size + _CRC.size:
        raise FrameError(f"{len(raw)} bytes are too few for a frame")
    body, crc = raw[: -_CRC.size], raw[-_CRC.size :]
    if _CRC.pack(zlib.crc32(body)) != crc:
        raise FrameError("wrong CRC")
    kind, command, sequence, session = _HEADER.unpack_from(body)
    return Frame(kind, command, sequence, session, body[_HEADER.size :])
