"""Requests through a line with faults, to the real agent: every answer right or an error, no run done twice.

TINYKIT_FAULT_REQUESTS says how many requests of each kind of fault; 2,000 by default.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tinykit.emulate.native import Native
from tinykit.errors import DeviceError
from tinykit.link import ByteStream, Client
from tinykit.link.faults import KINDS, Faults, FaultyStream

REQUESTS = int(os.environ.get("TINYKIT_FAULT_REQUESTS", "2000"))
RATE = 0.01
SELDOM = 0.0005
"""Of the line that is cut: at the full rate no session gets beyond its opening."""
TOGETHER = {kind: RATE / 4 for kind in KINDS if kind != "cut"}
"""A frame of 80 bytes that three kinds of fault damage would come whole once in twenty times at the full rate."""


@dataclass
class Tally:
    """``unknown``: runs whose answer was an error, so that the device may have done them or not."""

    requests: int = 0
    repeated: int = 0
    errors: int = 0
    answers: int = 0
    runs: int = 0
    unknown: int = 0
    faults: int = 0


class Uncertain:
    """Runs the device must have done, as far as can be known: between ``least`` and ``most``."""

    def __init__(self) -> None:
        self.least = self.most = 0

    def knows(self, runs: int) -> None:
        assert self.least <= runs <= self.most, f"{runs} runs done, {self.least} to {self.most} asked for"
        self.least = self.most = runs


def work(client: Client, rng: random.Random, runs: Uncertain, tally: Tally) -> None:
    """Every kind of request, and what must hold of the answers."""
    data = rng.randbytes(600)
    client.write_input(0, data)
    for _ in range(5):
        runs.most += 1
        tally.unknown += 1
        assert client.run(timeout=5).n == 1
        runs.least += 1
        tally.unknown -= 1
        tally.runs += 1
    echo = client.read_output(0)
    assert echo == bytes((byte + 1) % 256 for byte in data)
    assert client.read_input(0) == data
    assert client.memory().arena == 4096
    runs.knows(int.from_bytes(client.read_output(1), "little"))
    tally.answers += 1


def many(stream: ByteStream, faults: Faults, requests: int) -> Tally:
    """``requests`` requests, and an explicit error wherever one fails; a line that was cut is plugged in again."""
    rng, runs, tally = random.Random(1), Uncertain(), Tally()
    plugs = 0
    while tally.requests < requests:
        line = FaultyStream(stream, Faults(**{**vars(faults), "seed": faults.seed + plugs}))
        plugs += 1
        client = Client(line, timeout=0.25, retries=40, shortest_wait=0.002)
        try:
            client.connect(timeout=20)
            while tally.requests + client.stats.requests < requests:
                work(client, rng, runs, tally)
        except DeviceError:
            tally.errors += 1
        tally.requests += client.stats.requests + 1  # HELLO is one, too
        tally.repeated += client.stats.retries
        tally.faults += line.to_device.counts.total() + line.to_host.counts.total()
    client = Client(stream)
    client.connect()
    runs.knows(int.from_bytes(client.read_output(1), "little"))
    return tally


@pytest.fixture
def line(device: Native) -> Iterator[ByteStream]:
    with device as stream:
        yield stream


def report(name: str, tally: Tally, seconds: float) -> None:
    print(
        f"\n{name}: {tally.requests} requests in {seconds:.1f} s ({tally.requests / seconds:.0f}/s), {tally.faults} "
        f"faults, {tally.repeated} repeated, {tally.errors} errors, {tally.runs} runs, {tally.unknown} unknown"
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", [*KINDS, "cut seldom", "together"])
def test_every_answer_is_right_or_an_error_and_nothing_is_done_twice(line: ByteStream, name: str) -> None:
    rates = {"together": TOGETHER, "cut seldom": {"cut": SELDOM}}.get(name, {name: RATE})
    faults = Faults(**rates, pause=0.004, seed=2)
    start = time.monotonic()
    tally = many(line, faults, REQUESTS)
    report(name, tally, time.monotonic() - start)
    assert tally.requests >= REQUESTS
    assert tally.faults > REQUESTS / (100 if name == "cut seldom" else 10)
    if name.startswith("cut"):
        assert tally.errors > 0
    else:
        assert tally.errors == 0
        assert tally.answers > REQUESTS / 60
    if name in ("drop", "duplicate", "flip", "together"):
        assert tally.repeated > REQUESTS / 10
