"""The agent, asked properly over a good line."""

from __future__ import annotations

import struct
import zlib

import pytest

from link.conftest import MakeImage
from link.wires import RawHost, Wire
from tinykit.emulate.native import Native
from tinykit.errors import DeviceReset, InputError
from tinykit.link import Client, DeviceMemory, TensorInfo
from tinykit.link.frames import PROTOCOL_VERSION, Command, Kind, ReadObject

DATA = bytes(number % 255 + 1 for number in range(600))
READ_PROFILE = struct.pack("<BBHI", ReadObject.PROFILE, 0, 8, 0)
ECHO = bytes((byte + 1) % 256 for byte in DATA)


def runs_so_far(client: Client) -> int:
    return int.from_bytes(client.read_output(1), "little")


@pytest.fixture
def client(wire: Wire) -> Client:
    client = Client(wire)
    client.connect()
    return client


@pytest.mark.slow
def test_it_says_what_it_is(make_image: MakeImage, wire: Wire) -> None:
    image = make_image()
    info = Client(wire, expected_build=image.build_id).connect()
    assert (info.identity.protocol, info.identity.max_payload) == (PROTOCOL_VERSION, 64)
    assert info.build_id == image.build_id
    assert (info.model_name, info.engine, info.board) == ("counting", "test", "native")
    assert info.model_sha256 == "5a01" + "00" * 30
    assert (info.n_layers, info.arena_bytes, info.counter_hz) == (2, 4096, 10**9)
    assert info.inputs == (
        TensorInfo("data", 9, (1, 10, 60), 0.5, -3, 600),
        TensorInfo("command", 2, (1,), 0.0, 0, 4),
    )
    assert info.outputs == (TensorInfo("echo", 9, (1, 600), 0.25, 7, 600), TensorInfo("runs", 2, (), 0.0, 0, 4))
    assert info.session != 0


@pytest.mark.slow
@pytest.mark.parametrize("max_payload", [64, 4096])
def test_inputs_in_outputs_out_with_any_payload_size(make_image: MakeImage, max_payload: int) -> None:
    image = make_image(max_payload)
    with Native(image.board, image.elf) as stream:
        client = Client(stream)
        assert client.connect().identity.max_payload == max_payload
        assert len(client.info.inputs) == len(client.info.outputs) == 2  # a description of several pieces
        client.write_input(0, DATA)
        client.run()
        assert client.read_output(0) == ECHO
        assert runs_so_far(client) == 1
        assert client.stats.crc_errors == 0


def test_data_around_the_longest_group_of_the_encoding(make_image: MakeImage) -> None:
    image = make_image(4096)
    with Native(image.board, image.elf) as stream:
        host = RawHost(stream)
        for size in (*range(240, 260), *range(495, 515)):
            for data in (DATA[:size], DATA[:size] + b"\0", b"\0" + DATA[:size]):
                host.request(Command.WRITE, struct.pack("<BI", 0, 0) + data)
                read = struct.pack("<BBHI", ReadObject.INPUT, 0, len(data), 0)
                assert host.request(Command.READ, read).payload == data, f"{size} bytes"


def test_inputs_are_zeros_at_first_and_stay_as_written(client: Client) -> None:
    assert client.read_input(0) == bytes(600)
    client.write_input(0, DATA)
    client.run(n=3)  # the model overwrites its inputs each time
    assert client.read_input(0) == DATA
    assert client.read_output(0) == ECHO


def test_timed_and_untimed_runs_are_counted(client: Client) -> None:
    client.write_input(1, struct.pack("<i", 3))  # milliseconds
    result = client.run(n=5, warmups=2)
    assert runs_so_far(client) == 7
    assert result.n == 5
    assert 3_000_000 <= result.min_ticks <= result.max_ticks
    assert 4 * result.min_ticks + result.max_ticks <= result.total_ticks <= 4 * result.max_ticks + result.min_ticks


def test_layers_are_timed_when_asked(client: Client) -> None:
    client.write_input(1, struct.pack("<i", 3))
    client.run()
    assert client.read_profile() == [0, 0]
    result = client.run(profile=True)
    first, second = client.read_profile()
    assert 0 < first < second  # the second has the pause
    assert 3_000_000 <= second < first + second <= result.total_ticks


@pytest.mark.parametrize("first", [0, 1, 2])
def test_what_layers_leave_in_the_arena_is_checked_when_asked(host: RawHost, first: int) -> None:
    pieces = [(4094, 2), (4000, 96)][first:]
    host.request(Command.RUN, struct.pack("<IIB", 1, 0, 1))
    layers = host.request(Command.READ, READ_PROFILE).payload
    numbers = [number for piece in pieces for number in piece]
    request = struct.pack(f"<IIBH{len(numbers)}I", 1, 3, 2, first, *numbers)
    host.request(Command.RUN, request)
    # the fifth inference, at whose end layer 1 was the last to write
    checks = [zlib.crc32(bytes([0, 5])), zlib.crc32(bytes(94) + bytes([1, 5]))]
    expected = layers[: 4 * first] + struct.pack(f"<{2 - first}I", *checks[first:])
    assert host.request(Command.READ, READ_PROFILE).payload == expected


def test_the_client_asks_for_checks(client: Client) -> None:
    client.run()
    assert client.check_layers([(4095, 1), (4094, 1)]) == [zlib.crc32(b"\2"), zlib.crc32(b"\1")]
    assert client.check_layers([]) == []


@pytest.mark.parametrize("piece", [(4096, 1), (4000, 97), (2**32 - 1, 2), (1, 2**32 - 1), (2**32 - 1, 2**32 - 1)])
def test_nothing_outside_of_the_arena_is_looked_at(client: Client, piece: tuple[int, int]) -> None:
    assert client.check_layers([piece, (4095, 1)]) == [0, zlib.crc32(b"\1")]


def test_memory(client: Client) -> None:
    assert client.memory() == DeviceMemory(4096, 0, 0)


def test_an_input_of_another_size_is_not_sent(client: Client) -> None:
    before = client.stats.requests
    for size in (0, 599, 601):
        with pytest.raises(InputError, match=f"{size} bytes, it has 600"):
            client.write_input(0, bytes(size))
    assert client.stats.requests == before


def test_a_reset_starts_anew_with_another_nonce(client: Client) -> None:
    before = client.info
    client.write_input(0, DATA)
    client.run(n=4)
    client.reset()
    with pytest.raises(RuntimeError, match="not connected"):
        _ = client.info
    after = client.connect()
    assert after.boot_nonce != before.boot_nonce
    assert after.session != before.session
    assert after.build_id == before.build_id
    assert client.read_input(0) == bytes(600)
    assert runs_so_far(client) == 0


def test_every_start_has_its_own_nonce(make_image: MakeImage) -> None:
    nonces = set()
    for _ in range(4):
        with Native(make_image().board, make_image().elf) as stream:
            nonces.add(Client(stream).connect().boot_nonce)
    assert len(nonces) == 4


def test_another_host_takes_over(wire: Wire, client: Client) -> None:
    other = Client(wire)
    assert other.connect().boot_nonce == client.info.boot_nonce
    other.run()
    with pytest.raises(DeviceReset, match="no longer knows this session"):
        client.run()


def test_sequence_numbers_wrap(wire: Wire) -> None:
    host = RawHost(wire, session=7, sequence=0xFFFE)
    for expected in (0xFFFF, 0, 1):
        answer = host.request(Command.MEMORY)
        assert (answer.kind, answer.sequence, answer.session) == (Kind.REPLY, expected, 7)
