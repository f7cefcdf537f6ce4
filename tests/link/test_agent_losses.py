"""The agent over a bad line: whatever is lost, damaged or repeated, each request is carried out exactly once."""

from __future__ import annotations

import random
import struct
import time

import pytest

from link.wires import Once, RawHost, Wire, damaged
from tinykit.errors import DeviceReset
from tinykit.link import Client
from tinykit.link.frames import Command, Frame, Kind

DATA = bytes(number % 255 + 1 for number in range(600))
QUICK = 0.1


def milliseconds(count: int) -> bytes:
    return struct.pack("<i", count)


def runs_so_far(client: Client) -> int:
    return int.from_bytes(client.read_output(1), "little")


@pytest.fixture
def client(wire: Wire) -> Client:
    client = Client(wire, timeout=QUICK, retries=10)
    client.connect()
    client.stats.retries = 0  # a busy machine may need one for INFO
    return client


@pytest.mark.parametrize("command", [Command.WRITE, Command.RUN, Command.READ, Command.MEMORY])
@pytest.mark.parametrize("kind", [Kind.REQUEST, Kind.REPLY])
def test_a_lost_frame_is_repaired_by_asking_again(wire: Wire, client: Client, command: Command, kind: Kind) -> None:
    loss = Once(kind, command)
    if kind == Kind.REQUEST:
        wire.sending = loss
    else:
        wire.receiving = loss
    client.write_input(0, DATA)
    client.run(timeout=3 * QUICK)
    assert client.read_output(0)[:3] == b"\x02\x03\x04"
    client.memory()
    assert loss.done
    assert client.stats.retries >= 1
    assert runs_so_far(client) == 1


def test_a_damaged_reply_to_run_is_asked_for_again_at_once(wire: Wire, client: Client) -> None:
    wire.receiving = Once(Kind.REPLY, Command.RUN, damaged)
    start = time.monotonic()
    assert client.run(n=2, timeout=300).n == 2
    assert time.monotonic() - start < 60
    assert client.stats.crc_errors == 1
    assert runs_so_far(client) == 2


@pytest.mark.slow
def test_a_long_run_survives_the_loss_of_its_event(wire: Wire, client: Client) -> None:
    client.write_input(1, milliseconds(1500))  # longer than all attempts
    before = client.stats.retries
    wire.receiving = Once(Kind.EVENT, Command.RUN, damaged)
    client.run(timeout=60)
    assert client.stats.retries == before + 10
    assert runs_so_far(client) == 1


@pytest.mark.slow
def test_a_run_longer_than_the_timeout_is_not_asked_for_again(wire: Wire) -> None:
    client = Client(wire, timeout=0.5)
    client.connect()
    client.write_input(1, milliseconds(1200))
    before = client.stats.retries
    client.run(timeout=60)
    assert client.stats.retries == before


def test_a_lost_request_is_repeated_though_runs_get_no_more_time_than_others(wire: Wire, client: Client) -> None:
    wire.sending = Once(Kind.REQUEST, Command.RUN)
    client.run(timeout=QUICK)
    assert runs_so_far(client) == 1


def test_a_reset_whose_reply_is_lost_has_happened(wire: Wire, client: Client) -> None:
    before = client.info.boot_nonce
    wire.receiving = Once(Kind.REPLY, Command.RESET)
    client.reset()
    assert client.connect().boot_nonce != before


def test_a_repeated_hello_is_the_same_session(wire: Wire) -> None:
    wire.receiving = Once(Kind.REPLY, Command.HELLO)
    client = Client(wire)
    client.connect()
    client.run()
    assert runs_so_far(client) == 1


def test_every_request_twice(wire: Wire) -> None:
    wire.sending = lambda frame, line: line * 2
    client = Client(wire)
    client.connect()
    for count in range(1, 6):
        client.write_input(0, DATA)
        client.run()
        assert runs_so_far(client) == count


def test_repeats_get_the_kept_answer_and_old_requests_none(wire: Wire) -> None:
    host = RawHost(wire)
    run = struct.pack("<IIB", 1, 0, 0)
    first = host.request(Command.RUN, run)
    again = host.answer(Command.RUN, run)
    assert again == first  # its ticks, too
    other = host.answer(Command.MEMORY)  # the number decides, not the command
    assert other == first
    host.request(Command.MEMORY)
    host.sequence -= 1
    host.send(Command.RUN, run)
    assert host.receive(timeout=0.3) is None
    host.sequence += 1
    runs = host.request(Command.READ, struct.pack("<BBHI", 0, 1, 4, 0))
    assert runs.payload == b"\x01\0\0\0"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_bytes_damaged_both_ways(wire: Wire, seed: int) -> None:
    rng = random.Random(seed)
    hits = {"sent": 0, "received": 0}

    def hit(direction: str, frame: Frame, line: bytes) -> bytes:
        if rng.random() > 0.15:
            return line
        hits[direction] += 1
        at = rng.randrange(1, len(line) - 1)
        return line[:at] + bytes([line[at] % 255 + 1]) + line[at + 1 :]

    client = Client(wire, timeout=QUICK / 2, retries=50)
    client.connect()
    client.stats.retries = 0
    wire.sending = lambda frame, line: hit("sent", frame, line)
    wire.receiving = lambda frame, line: hit("received", frame, line)
    for count in range(1, 5):
        data = rng.randbytes(600)
        client.write_input(0, data)
        client.run(timeout=30)
        assert client.read_output(0) == bytes((byte + 1) % 256 for byte in data)
        assert runs_so_far(client) == count
    wire.receiving = wire.sending = lambda frame, line: line
    client.memory()  # all that is still on its way comes before its reply
    assert min(hits.values()) > 0
    assert client.stats.crc_errors == hits["received"]
    assert client.stats.retries >= hits["sent"]


def test_a_stale_session_is_not_taken_for_a_reply(wire: Wire, client: Client) -> None:
    host = RawHost(wire, session=99)
    host.request(Command.MEMORY)
    with pytest.raises(DeviceReset):
        client.run()
