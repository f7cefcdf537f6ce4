"""Requests that are wrong, and bytes that are no requests: the agent says what is wrong, and lives on."""

from __future__ import annotations

import struct

import pytest

from link.conftest import MakeImage
from link.wires import RawHost
from tinykit.emulate.native import Native
from tinykit.errors import DeviceRefused
from tinykit.link import Client
from tinykit.link.frames import Command, Kind, ReadObject, Status

OUTPUT, INPUT, PROFILE = ReadObject.OUTPUT, ReadObject.INPUT, ReadObject.PROFILE
HUGE = 2**32 - 1


def read(what: int, index: int, count: int, offset: int) -> bytes:
    return struct.pack("<BBHI", what, index, count, offset)


def write(index: int, offset: int, data: bytes = b"") -> bytes:
    return struct.pack("<BI", index, offset) + data


def check(first: int, *pieces: tuple[int, int]) -> bytes:
    return struct.pack(f"<IIBH{2 * len(pieces)}I", 1, 0, 2, first, *(number for piece in pieces for number in piece))


WRONG = [
    (0x00, b"", Status.BAD_COMMAND),
    (0x08, b"abc", Status.BAD_COMMAND),
    (Command.BANNER, b"", Status.BAD_COMMAND),
    (0xFF, bytes(64), Status.BAD_COMMAND),
    (Command.INFO, b"", Status.BAD_LENGTH),
    (Command.INFO, bytes(5), Status.BAD_LENGTH),
    (Command.WRITE, b"", Status.BAD_LENGTH),
    (Command.WRITE, bytes(4), Status.BAD_LENGTH),
    (Command.WRITE, write(2, 0, b"x"), Status.BAD_INDEX),
    (Command.WRITE, write(255, 0, b"x"), Status.BAD_INDEX),
    (Command.WRITE, write(0, 600, b"x"), Status.BAD_RANGE),
    (Command.WRITE, write(0, 599, b"xx"), Status.BAD_RANGE),
    (Command.WRITE, write(0, 601), Status.BAD_RANGE),
    (Command.WRITE, write(0, HUGE, b"x"), Status.BAD_RANGE),
    (Command.WRITE, write(1, 0, b"12345"), Status.BAD_RANGE),
    (Command.RUN, b"", Status.BAD_LENGTH),
    (Command.RUN, bytes(8), Status.BAD_LENGTH),
    (Command.RUN, bytes(10), Status.BAD_LENGTH),
    (Command.RUN, struct.pack("<IIB", 0, 1, 0), Status.BAD_ARGUMENT),
    (Command.RUN, struct.pack("<IIB", 1, 0, 3), Status.BAD_ARGUMENT),
    (Command.RUN, struct.pack("<IIB", 1, 0, 2), Status.BAD_LENGTH),
    (Command.RUN, struct.pack("<IIBHI", 1, 0, 2, 0, 0), Status.BAD_LENGTH),
    (Command.RUN, struct.pack("<IIBH", 0, 0, 2, 0), Status.BAD_ARGUMENT),
    (Command.READ, b"", Status.BAD_LENGTH),
    (Command.READ, bytes(9), Status.BAD_LENGTH),
    (Command.READ, read(3, 0, 1, 0), Status.BAD_INDEX),
    (Command.READ, read(OUTPUT, 2, 1, 0), Status.BAD_INDEX),
    (Command.READ, read(INPUT, 2, 1, 0), Status.BAD_INDEX),
    (Command.READ, read(PROFILE, 1, 1, 0), Status.BAD_INDEX),
    (Command.READ, read(OUTPUT, 0, 65, 0), Status.BAD_RANGE),
    (Command.READ, read(OUTPUT, 0, 1, 600), Status.BAD_RANGE),
    (Command.READ, read(OUTPUT, 0, 2, HUGE), Status.BAD_RANGE),
    (Command.READ, read(OUTPUT, 1, 5, 0), Status.BAD_RANGE),
    (Command.READ, read(PROFILE, 0, 9, 0), Status.BAD_RANGE),
]


def test_wrong_requests_are_refused_and_change_nothing(host: RawHost) -> None:
    host.request(Command.WRITE, write(0, 0, b"before"))
    for command, payload, status in WRONG:
        refusal = host.request(command, payload)
        what = f"command {command} with {payload.hex()}"
        assert (refusal.kind, refusal.command, refusal.payload) == (Kind.ERROR, command, bytes([status])), what
        assert host.answer(command, payload) == refusal  # kept like any other answer
    assert {status for _, _, status in WRONG} == set(Status) - {Status.OK, Status.NO_SESSION, Status.MODEL_FAILED}
    assert host.request(Command.READ, read(INPUT, 0, 8, 0)).payload == b"before\0\0"
    assert host.request(Command.READ, read(OUTPUT, 1, 4, 0)).payload == bytes(4)  # nothing ran


def test_the_edges_are_inside(host: RawHost) -> None:
    for command, payload, length in (
        (Command.WRITE, write(0, 599, b"x"), 0),
        (Command.WRITE, write(0, 600), 0),
        (Command.READ, read(INPUT, 0, 64, 536), 64),
        (Command.READ, read(INPUT, 0, 0, 600), 0),
        (Command.READ, read(PROFILE, 0, 8, 0), 8),
        (Command.RUN, check(2, (0, 4)), 28),  # no such layer
        (Command.RUN, check(65535, (0, 4), (0, 4)), 28),
        (Command.INFO, struct.pack("<I", HUGE), 0),
    ):
        answer = host.request(command, payload)
        assert (answer.kind, len(answer.payload)) == (Kind.REPLY, length)


def test_a_request_without_a_session(host: RawHost) -> None:
    host.session += 1
    refusal = host.request(Command.MEMORY)
    assert (refusal.kind, refusal.payload) == (Kind.ERROR, bytes([Status.NO_SESSION]))
    assert RawHost(host.stream).request(Command.MEMORY).kind == Kind.REPLY


def test_a_kept_answer_is_gone_when_another_session_was_refused(host: RawHost) -> None:
    host.request(Command.READ, read(INPUT, 0, 64, 0))
    host.send(Command.MEMORY, session=host.session + 1)
    refusal = host.receive()
    assert refusal is not None
    assert refusal.session == host.session + 1
    again = host.answer(Command.READ, read(INPUT, 0, 64, 0))
    assert again is not None
    assert (again.session, again.payload) == (host.session, bytes([Status.NO_SESSION]))


def test_what_is_no_request_is_ignored(host: RawHost) -> None:
    run = struct.pack("<IIB", 1, 0, 0)
    host.sequence += 1
    for kind in (0, Kind.REPLY, Kind.ERROR, Kind.EVENT, 5, 255):
        host.send(Command.RUN, run, kind=kind)
    host.send(Command.RUN, run, session=0)
    host.send(Command.HELLO, session=0)
    host.send(Command.RUN, run + bytes(60))  # longer than a payload may be
    assert host.receive(timeout=0.3) is None
    answer = host.answer(Command.READ, read(OUTPUT, 1, 4, 0))
    assert answer is not None
    assert answer.payload == bytes(4)


@pytest.mark.slow
def test_a_model_that_does_not_start(make_image: MakeImage) -> None:
    image = make_image(init=1)
    with Native(image.board, image.elf) as stream:
        client = Client(stream)
        client.connect()
        client.write_input(0, bytes(600))
        for request in (client.run, lambda: client.read_output(0)):
            with pytest.raises(DeviceRefused, match="MODEL_FAILED"):
                request()
        assert client.memory().arena == 4096
