"""Lines with faults: what a lane does to bytes, what is refused, and the proxy between two programs."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from tinykit.emulate.native import Native
from tinykit.errors import DeviceDied, InputError
from tinykit.link import Client, SerialStream, SocketStream
from tinykit.link.faults import KINDS, Faults, FaultyStream, Lane, parse_faults, parse_rate
from tinykit.link.faults.proxy import FaultProxy
from tinykit.link.faults.serve import Tally, serve_socket, serve_terminal

DATA = bytes(range(256)) * 40


def through(faults: Faults, chunk: int = 100, name: str = "lane") -> tuple[bytes, Lane, list[bytes]]:
    """All of DATA through a lane, in transfers of ``chunk`` bytes, each a second after the one before."""
    lane, pieces = Lane(faults, name), []
    for now, at in enumerate(range(0, len(DATA), chunk)):
        lane.push(DATA[at : at + chunk], now)
        while piece := lane.pop(now):
            pieces.append(piece)
    while piece := lane.pop(1e9):
        pieces.append(piece)
    return b"".join(pieces), lane, pieces


def test_a_lane_without_faults_changes_nothing() -> None:
    out, lane, pieces = through(Faults())
    assert out == DATA
    assert lane.counts.total() == 0
    assert [len(piece) for piece in pieces[:-1]] == [100] * (len(DATA) // 100)


@pytest.mark.parametrize("rate", [5e-324, 1e-320, 1e-300, 1e-17])
def test_faults_that_never_come_are_none(rate: float) -> None:
    out, lane, _ = through(Faults(flip=rate))
    assert out == DATA
    assert lane.counts.total() == 0


@pytest.mark.parametrize("kind", KINDS[:-1])
def test_each_fault_does_what_it_says_as_often_as_it_says(kind: str) -> None:
    out, lane, pieces = through(Faults(**{kind: 0.05}, pause=0.5))
    count = lane.counts[kind]
    assert lane.counts.total() == count
    assert 400 < count < 620  # 512 +- 5 sigma of a binomial distribution
    whole = -(-len(DATA) // 100)
    if kind == "drop":
        assert len(out) == len(DATA) - count
    elif kind == "duplicate":
        assert len(out) == len(DATA) + count
    elif kind == "flip":
        wrong = [a ^ b for a, b in zip(out, DATA, strict=True) if a != b]
        assert len(wrong) == count
        assert all(bits.bit_count() == 1 for bits in wrong)
    else:
        assert out == DATA
        assert (len(pieces) > whole) == (kind in ("split", "delay"))
        assert (len(pieces) < whole) == (kind == "merge")


def test_delayed_bytes_come_later_and_in_order() -> None:
    lane = Lane(Faults(delay=0.05, pause=3.0), "lane")
    lane.push(DATA, 10.0)
    assert DATA.startswith(first := lane.pop(10.0))
    assert lane.pop(10.0) == b""
    assert 10.0 < lane.due() <= 13.0
    late = b""
    while piece := lane.pop(1e9):
        late += piece
    assert first + late == DATA


def test_merged_bytes_wait_for_the_next_transfer_or_the_pause() -> None:
    lane = Lane(Faults(merge=1.0, pause=2.0), "lane")
    lane.push(b"one", 0.0)
    assert lane.pop(1.9) == b""
    assert lane.pop(2.0) == b"one"
    lane.push(b"two", 3.0)
    lane.push(b"three", 3.5)
    assert lane.pop(3.5) == b""  # every byte waits, those of the second transfer as well
    assert lane.pop(5.5) == b"twothree"


def test_a_cut_line_delivers_what_came_before_and_ends() -> None:
    lane = Lane(Faults(cut=0.001), "to the device")
    lane.push(DATA, 0.0)
    out = lane.pop(0.0)
    assert DATA.startswith(out)
    assert len(out) < len(DATA)
    with pytest.raises(DeviceDied, match=f"cut on purpose after {len(out)} bytes to the device"):
        lane.pop(0.0)


def test_the_seed_decides_and_transfers_do_not() -> None:
    faults = Faults(drop=0.01, duplicate=0.01, flip=0.01, seed=5)
    assert through(faults)[0] == through(faults, chunk=7)[0] == through(faults, chunk=4000)[0]
    assert through(faults)[0] != through(Faults(drop=0.01, duplicate=0.01, flip=0.01, seed=6))[0]
    assert through(faults, name="to the device")[0] != through(faults, name="to the host")[0]


def test_rates() -> None:
    assert (parse_rate("1%"), parse_rate("0.01"), parse_rate(" 100% ")) == (0.01, 0.01, 1.0)
    assert parse_faults("drop=1%, pause=0.5,seed=3") == Faults(drop=0.01, pause=0.5, seed=3)
    assert parse_faults("") == Faults()
    assert str(Faults(drop=0.01, seed=3)) == "drop=1%,seed=3"


@pytest.mark.parametrize("text", ["", "x", "-1%", "101%", "1.5", "nan", "1%%"])
def test_wrong_rates(text: str) -> None:
    with pytest.raises(InputError, match="share of bytes"):
        parse_rate(text)


@pytest.mark.parametrize(
    "text",
    ["lose=1%", "drop", "drop=", "drop=1%,drop=2%", "seed=x", "seed=1.5", "pause=-1", "pause=inf", "drop=60%,flip=60%"],
)
def test_wrong_faults(text: str) -> None:
    with pytest.raises(InputError):
        parse_faults(text)


def test_a_reply_whose_delimiter_is_lost_is_asked_for_again_at_once(device: Native) -> None:
    with device as stream:
        line = LostEnd(stream)
        client = Client(line, timeout=0.2)
        client.connect()
        line.armed = True
        start = time.monotonic()
        client.run(timeout=60)
        assert time.monotonic() - start < 30
        assert not line.armed
        assert int.from_bytes(client.read_output(1), "little") == 1


class LostEnd:
    """A line that loses the delimiter behind the reply to a RUN, the one frame with 28 bytes of payload."""

    def __init__(self, stream: FaultyStream | object) -> None:
        self._stream = stream
        self.description = "line"
        self.armed = False
        self._seen = b""

    def read(self, timeout: float) -> bytes:
        data: bytes = self._stream.read(timeout)  # type: ignore[attr-defined]
        if not self.armed:
            return data
        out = bytearray()
        for byte in data:
            if byte == 0 and len(self._seen) > 30 and self.armed:
                self.armed = False
            else:
                out.append(byte)
            self._seen = b"" if byte == 0 else self._seen + bytes([byte])
        return bytes(out)

    def write(self, data: bytes) -> None:
        self._stream.write(data)  # type: ignore[attr-defined]

    def close(self) -> None:
        pass


class Serving:
    """A proxy in a thread of its own, and the name of what it offers."""

    def __init__(self, target: object, *args: object) -> None:
        self._named = threading.Event()
        self.name = ""
        self.tally = Tally()

        def ready(name: str) -> None:
            self.name = name
            self._named.set()

        self._thread = threading.Thread(target=target, args=(*args, ready, self.tally, 4.0))  # type: ignore[arg-type]

    def __enter__(self) -> Serving:
        self._thread.start()
        assert self._named.wait(10)
        return self

    def __exit__(self, *error: object) -> None:
        self._thread.join(20)
        assert not self._thread.is_alive()


def test_a_pseudo_terminal_with_faults(device: Native) -> None:
    faults = Faults(flip=0.002, split=0.05, seed=1)
    with device as stream, Serving(serve_terminal, stream, faults) as serving:
        line = SerialStream(serving.name)
        client = Client(line, timeout=0.3, retries=20)
        assert client.connect().model_name == "counting"
        for runs in range(1, 4):
            client.write_input(0, bytes(600))
            client.run(timeout=10)
            assert client.read_output(0) == b"\1" * 600
            assert int.from_bytes(client.read_output(1), "little") == runs
        line.close()
    assert serving.tally.connections == 1
    told = serving.tally.to_json()
    assert told["to_device"]["bytes"] > 1800
    assert told["to_host"]["split"] > 0
    assert "split" in serving.tally.lines()[1]


def until_cut(line: SocketStream) -> None:
    for _ in range(100):
        line.write(b"\0" * 100)
        line.read(0.1)


def test_a_tcp_port_goes_on_after_a_cut(device: Native) -> None:
    with device as stream, Serving(serve_socket, stream, "127.0.0.1:0", Faults(cut=0.01)) as serving:
        host, port = serving.name.removeprefix("socket://").split(":")
        for _ in range(2):
            line = SocketStream(socket.create_connection((host, int(port))), "line")
            with pytest.raises(DeviceDied):
                until_cut(line)
            line.close()
    assert serving.tally.connections == 2
    cuts = serving.tally.faults["to_device"]["cut"] + serving.tally.faults["to_host"]["cut"]
    assert cuts in (2, 3, 4)  # both directions may be cut at once


def test_a_device_that_is_gone_ends_the_proxy(device: Native) -> None:
    near, far = socket.socketpair()
    ours, theirs = socket.socketpair()
    proxy = FaultProxy(SocketStream(near, "device"), SocketStream(ours, "host"), Faults())
    far.close()
    end, error = proxy.run(10)
    assert end == "device"
    assert isinstance(error, DeviceDied)
    for connection in (near, ours, theirs):
        connection.close()


@pytest.mark.parametrize(
    "address", ["", "4000", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:99999", "no.such.host.invalid:1"]
)
def test_wrong_addresses(address: str) -> None:
    near, far = socket.socketpair()
    with near, far, pytest.raises(InputError, match=r"address|listen"):
        serve_socket(SocketStream(near, "device"), address, Faults(), print, Tally(), 1)
