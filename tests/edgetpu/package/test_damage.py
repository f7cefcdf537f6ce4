"""Damaged compiled files: a result or one of tinykit's errors, soon. Mutations are seeded, so a failure comes again."""

from __future__ import annotations

import random
import struct
import time
from pathlib import Path

import pytest

from support.edgetpu_builder import compiled, executable, options, package, small
from tinykit.edgetpu.package import parse_compiled
from tinykit.edgetpu.package.flexbuffer import FlexbufferError, read_map
from tinykit.edgetpu.package.schema import Budget, read_package
from tinykit.errors import ModelError, TinykitError
from tinykit.graph.flatbuffer import FlatbufferError

EDGES = (0, 1, 2, 4, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFC, 0xFFFFFFFF)
RUN = executable("EXECUTION_ONLY", parameters=b"\x02" * 48)
LOAD = executable("PARAMETER_CACHING", parameters=b"\x03" * 64, inputs=(), outputs=())
PACKAGE = package([RUN, LOAD], virtual_chip=-1, chips=[package([LOAD])])
OPTIONS = options([PACKAGE, PACKAGE], chips=(18, 19))
SECONDS = 0.5
"""Allowed for one small file, on a computer that does other things as well; it takes some 2 ms."""


def mutated(data: bytes, random_: random.Random) -> bytes:
    """One to three changes: bits, bytes, numbers at the ends of their ranges, pieces cut, doubled, zeroed or moved."""
    out = bytearray(data)
    for _ in range(random_.randint(1, 3)):
        at = random_.randrange(len(out))
        kind = random_.randrange(8)
        if kind == 0:
            out[at] ^= 1 << random_.randrange(8)
        elif kind == 1:
            out[at] = random_.randrange(256)
        elif kind == 2:
            at &= ~3
            out[at : at + 4] = struct.pack("<I", random_.choice(EDGES))
        elif kind == 3:
            at &= ~3
            out[at : at + 4] = struct.pack("<I", random_.randrange(2 * len(out)))
        elif kind == 4:
            del out[at + 1 :]
        elif kind == 5:
            size = random_.randrange(1, 32)
            out[at:at] = out[at : at + size]
        elif kind == 6:
            del out[at : at + random_.randrange(1, 32)]
        else:
            other = random_.randrange(len(out))
            out[at : at + 4] = out[other : other + 4]
        if not out:
            return b""
    return bytes(out)


def read_file(data: bytes) -> None:
    parse_compiled(data, where="m.tflite")


def read_options(data: bytes) -> None:
    for value in read_map(memoryview(data)).values():
        for read in (value.integer, value.raw, value.items):
            try:
                read()
            except FlexbufferError:
                continue


def read_dwn1(data: bytes) -> None:
    read_package(memoryview(data), None, Budget())


LEVELS = {
    "file": (small(), read_file, TinykitError),
    "in the file": (compiled([OPTIONS], tail=True), read_file, TinykitError),
    "options": (OPTIONS, read_options, FlexbufferError),
    "package": (PACKAGE, read_dwn1, FlatbufferError),
}


def run_level(level: str, seeds: range) -> tuple[int, int]:
    """Reads so many mutations; how many were refused, how many were not."""
    data, read, refusal = LEVELS[level]
    refused = 0
    for seed in seeds:
        mutation = mutated(data, random.Random(f"{level} {seed}"))
        began = time.perf_counter()
        try:
            read(mutation)
        except refusal:
            refused += 1
        except Exception as error:
            raise AssertionError(f"{level}, mutation {seed}: {type(error).__name__}: {error}") from error
        assert time.perf_counter() - began < SECONDS, f"{level}, mutation {seed}"
    return refused, len(seeds) - refused


@pytest.mark.parametrize("level", LEVELS)
def test_some_mutations(level: str) -> None:
    refused, read = run_level(level, range(250))
    assert min(refused, read) > 10  # the mutations are neither all fatal nor all harmless


@pytest.mark.slow
@pytest.mark.parametrize("level", LEVELS)
def test_ten_thousand_mutations(level: str) -> None:
    run_level(level, range(250, 250 + 10_000 // len(LEVELS)))


@pytest.mark.slow
def test_mutations_of_a_real_file(shared: Path) -> None:
    data = (shared / "edgetpu" / "pairs" / "split_concat_edgetpu.tflite").read_bytes()
    structure = [i for i in range(0, len(data), 64) if any(data[i : i + 64])]
    for seed in range(2000):
        random_ = random.Random(seed)
        out = bytearray(data)
        for _ in range(4):
            at = random_.choice(structure) + random_.randrange(64)
            out[min(at, len(out) - 1)] = random_.randrange(256)
        try:
            parse_compiled(bytes(out), where="m")
        except TinykitError:
            continue


@pytest.mark.parametrize("level", LEVELS)
def test_every_truncation(level: str) -> None:
    data, read, refusal = LEVELS[level]
    for end in range(len(data)):
        try:
            read(data[:end])
        except refusal:
            continue
        # what was cut off were bytes that nothing refers to
        assert end > len(data) // 2


def test_the_options_of_an_operator_that_are_cut_off() -> None:
    """The file is whole, and what the operator brings is not."""
    for end in range(0, len(OPTIONS), 7):
        with pytest.raises(ModelError, match="operator 0"):
            parse_compiled(compiled([OPTIONS[:end]]), where="m")


def test_an_option_map_that_refers_to_itself() -> None:
    # a vector whose only element is the vector
    data = bytes([1, 0, 40, 1])
    with pytest.raises(FlexbufferError):
        read_map(memoryview(data))
