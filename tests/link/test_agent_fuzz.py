"""Bytes and requests at random: the agent, under sanitizers, lives on."""

from __future__ import annotations

import random
import struct

import pytest

from link.wires import RawHost
from tinykit.link.frames import Command, Frame, Kind, ReadObject, Status, encode_frame

RUNS = struct.pack("<BBHI", ReadObject.OUTPUT, 1, 4, 0)
"""READ of how often the model ran."""


@pytest.mark.parametrize("seed", range(4))
def test_any_bytes_and_then_it_still_answers(host: RawHost, seed: int) -> None:
    rng = random.Random(seed)
    good = encode_frame(Frame(Kind.REQUEST, Command.WRITE, 1, host.session, bytes(45)))
    for _ in range(60):
        piece = rng.randbytes(rng.choice((1, 10, 100, 1000)))
        if rng.random() < 0.5:  # nearly a request
            at = rng.randrange(len(good) - 1)
            piece = good[:at] + piece[:1] + good[at + rng.choice((1, 2)) :]
        host.stream.write(piece)
    host.stream.write(b"\0")
    assert RawHost(host.stream, session=5).request(Command.READ, RUNS).payload == bytes(4)


@pytest.mark.parametrize("seed", range(4))
def test_any_request_and_then_it_still_answers(host: RawHost, seed: int) -> None:
    rng = random.Random(seed)
    commands = [c for c in range(256) if c != Command.RUN] + [*Command] * 20
    for _ in range(300):
        command = rng.choice(commands)
        payload = rng.choice((rng.randbytes(rng.randrange(65)), bytes(rng.choice((0, 4, 5, 8, 9)))))
        if command == Command.RUN and len(payload) == 9:
            payload = struct.pack("<IIB", rng.randrange(3), rng.randrange(3), rng.randrange(3))
        if command == Command.RESET:
            command = Command.MEMORY  # it would answer, and be another process's afterwards
        answer = host.request(command, payload)
        assert (answer.command, answer.session) == (command, host.session)
        assert answer.kind == Kind.REPLY or answer.payload[0] in set(Status)
    assert host.request(Command.READ, RUNS).kind == Kind.REPLY
