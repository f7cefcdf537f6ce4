"""Requests that are wrong, and bytes that are no requests: the agent says what is wrong, and lives on."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator

import pytest

from link.conftest import MakeImage
from link.wires import RawHost
from tinykit.emulate.native import Native
from tinykit.errors import DeviceRefused
from tinykit.link import Client
from tinykit.link.frames import Command, Frame, Kind, ReadObject, Status, encode_frame

OUTPUT, INPUT, PROFILE = ReadObject.OUTPUT, ReadObject.INPUT, ReadObject.PROFILE
HUGE = 2**32 - 1


def read(what: int, index: int, count: int, offset: int) -> bytes:
    return struct.pack("<BBHI", what, index, count, offset)


def write(index: int, offset: int, data: bytes = b"") -> bytes:
    return struct.pack("<BI", index, offset) + data


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
    (Command.WRITE, write(0, 200, b"x"), Status.BAD_RANGE),
    (Command.WRITE, write(0, 199, b"xx"), Status.BAD_RANGE),
    (Command.WRITE, write(0, 201), Status.BAD_RANGE),
    (Command.WRITE, write(0, HUGE, b"x"), Status.BAD_RANGE),
    (Command.WRITE, write(1, 0, b"12345"), Status.BAD_RANGE),
    (Command.RUN, b"", Status.BAD_LENGTH),
    (Command.RUN, bytes(8), Status.BAD_LENGTH),
    (Command.RUN, bytes(10), Status.BAD_LENGTH),
    (Command.RUN, struct.pack("<IIB", 0, 1, 0), Status.BAD_ARGUMENT),
    (Command.RUN, struct.pack("<IIB", 1, 0, 2), Status.BAD_ARGUMENT),
    (Command.READ, b"", Status.BAD_LENGTH),
    (Command.READ, bytes(9), Status.BAD_LENGTH),
    (Command.READ, read(3, 0, 1, 0), Status.BAD_INDEX),
    (Command.READ, read(OUTPUT, 2, 1, 0), Status.BAD_INDEX),
    (Command.READ, read(INPUT, 2, 1, 0), Status.BAD_INDEX),
    (Command.READ, read(PROFILE, 1, 1, 0), Status.BAD_INDEX),
    (Command.READ, read(OUTPUT, 0, 65, 0), Status.BAD_RANGE),
    (Command.READ, read(OUTPUT, 0, 1, 200), Status.BAD_RANGE),
    (Command.READ, read(OUTPUT, 0, 2, HUGE), Status.BAD_RANGE),
    (Command.READ, read(OUTPUT, 1, 5, 0), Status.BAD_RANGE),
    (Command.READ, read(PROFILE, 0, 9, 0), Status.BAD_RANGE),
]


@pytest.fixture
def host(device: Native) -> Iterator[RawHost]:
    with device as stream:
        yield RawHost(stream)


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
        (Command.WRITE, write(0, 199, b"x"), 0),
        (Command.WRITE, write(0, 200), 0),
        (Command.READ, read(INPUT, 0, 64, 136), 64),
        (Command.READ, read(INPUT, 0, 0, 200), 0),
        (Command.READ, read(PROFILE, 0, 8, 0), 8),
        (Command.INFO, struct.pack("<I", HUGE), 0),
    ):
        answer = host.request(command, payload)
        assert (answer.kind, len(answer.payload)) == (Kind.REPLY, length)


def test_a_request_without_a_session(host: RawHost) -> None:
    host.session += 1
    refusal = host.request(Command.MEMORY)
    assert (refusal.kind, refusal.payload) == (Kind.ERROR, bytes([Status.NO_SESSION]))
    assert RawHost(host.stream).request(Command.MEMORY).kind == Kind.REPLY


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


@pytest.mark.parametrize("seed", range(4))
def test_any_bytes_and_then_it_still_answers(host: RawHost, seed: int) -> None:
    rng = random.Random(seed)
    good = encode_frame(Frame(Kind.REQUEST, Command.WRITE, 1, host.session, write(0, 0, bytes(40))))
    for _ in range(60):
        piece = rng.randbytes(rng.choice((1, 10, 100, 1000)))
        if rng.random() < 0.5:  # nearly a request
            at = rng.randrange(len(good) - 1)
            piece = good[:at] + piece[:1] + good[at + rng.choice((1, 2)) :]
        host.stream.write(piece)
    host.stream.write(b"\0")
    assert RawHost(host.stream, session=5).request(Command.READ, read(OUTPUT, 1, 4, 0)).payload == bytes(4)


@pytest.mark.parametrize("seed", range(4))
def test_any_request_and_then_it_still_answers(host: RawHost, seed: int) -> None:
    rng = random.Random(seed)
    commands = [c for c in range(256) if c != Command.RUN] + [*Command] * 20
    for _ in range(300):
        command = rng.choice(commands)
        payload = rng.choice((rng.randbytes(rng.randrange(65)), rng.choice(WRONG)[1]))
        if command == Command.RUN and len(payload) == 9 and payload[0]:
            payload = struct.pack("<IIB", rng.randrange(3), rng.randrange(3), rng.randrange(3))
        if command == Command.RESET:
            command = Command.MEMORY  # it would answer, and be another process's afterwards
        answer = host.request(command, payload)
        assert (answer.command, answer.session) == (command, host.session)
        assert answer.kind == Kind.REPLY or answer.payload[0] in set(Status)
    assert host.request(Command.READ, read(INPUT, 1, 4, 0)).kind == Kind.REPLY


def test_a_model_that_does_not_start(make_image: MakeImage) -> None:
    image = make_image(init=1)
    with Native(image.board, image.elf) as stream:
        client = Client(stream)
        client.connect()
        client.write_input(0, bytes(200))
        for request in (client.run, lambda: client.read_output(0)):
            with pytest.raises(DeviceRefused, match="MODEL_FAILED"):
                request()
        assert client.memory().arena == 4096
