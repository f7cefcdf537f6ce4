"""The host's side: every way a device can fail, told apart. The devices are scripted, but for the last tests'."""

from __future__ import annotations

import time

import pytest

from mlperf.conftest import StartSmall
from mlperf.devices import BANNER, Small, Tensor
from tinykit.errors import (
    DeviceDied,
    DeviceError,
    DeviceGarbled,
    DeviceRefused,
    DeviceReset,
    DeviceSilent,
)
from tinykit.mlperf import MlperfClient

READY = b"m-ready\r\n"
NAME = b"m-name-dut-[x]\r\n" + READY
INFER = (
    b"m-warmup-start-0\r\nm-warmup-done\r\nm-infer-start-1\r\nm-lap-us-10\r\nm-lap-us-35\r\nm-infer-done\r\n"
    b"m-results-[0.250,-1.500]\r\n" + READY
)


class Scripted:
    """A simulated device: answers each command with given bytes; what it has not heard of it does not answer.

    Attributes:
        before: what it sends first, unasked.
    """

    description = "scripted device"

    def __init__(self, answers: dict[str, bytes], before: bytes = b"", *, ends: bool = False) -> None:
        self.answers = {"name": NAME, **answers}
        self.sent: list[str] = []
        self._out = before
        self._in = b""
        self._ends = ends

    def read(self, timeout: float) -> bytes:
        data, self._out = self._out[:7], self._out[7:]  # in pieces, as lines do
        if not data:
            if self._ends:
                raise DeviceDied("the device is gone", where=self.description)
            time.sleep(min(timeout, 0.01))
        return data

    def write(self, data: bytes) -> None:
        *commands, self._in = (self._in + data).split(b"%")
        for command in commands:
            self.sent.append(command.decode())
            self._out += self.answers.get(command.decode(), b"")

    def close(self) -> None:
        pass


def client_of(device: Scripted, **options: float) -> MlperfClient:
    return MlperfClient(device, **{"inference_timeout": 0.3, **options})


@pytest.mark.parametrize(
    "before",
    [
        b"",
        BANNER,
        b"m-init-done\r\n",
        b"\0\x0f\x04\x10\x8a\xff\0",
        b"half a li",
        b"\xff\xfe\r\n" + BANNER,
        NAME,
        NAME * 3,
    ],
)
def test_it_finds_the_device_behind_whatever_was_on_the_line(before: bytes) -> None:
    device = Scripted({"profile": b"m-profile-[v 1]\r\nm-model-[ic01]\r\n" + READY}, before)
    client = client_of(device)
    # the rest of a line in front may cost the first answer
    assert client.connect() == "x"
    assert client.profile() == ("v 1", "ic01")


def test_commands_are_those_of_the_protocol() -> None:
    data = bytes(range(40))
    device = Scripted(
        {
            "timestamp": b"m-lap-us-123\r\n" + READY,
            "db load 40": b"m-[Expecting 40 bytes]\r\n" + READY,
            f"db {data[:31].hex()}": READY,
            f"db {data[31:].hex()}": b"m-load-done\r\n" + READY,
            "infer 1 0": INFER,
        }
    )
    client = client_of(device)
    assert client.timestamp() == 123
    client.load(data)
    found = client.infer()
    assert found.results == (0.25, -1.5)
    assert found.elapsed_us == 25
    assert device.sent == ["timestamp", "db load 40", f"db {data[:31].hex()}", f"db {data[31:].hex()}", "infer 1 0"]
    assert client.transcript[:3] == ["> timestamp%", "< m-lap-us-123", "< m-ready"]


CONNECTING = {
    "silence": ({"name": b""}, b"", DeviceSilent, "not a single byte"),
    "garbage": ({"name": b"\x8f\xf0\x83" * 9}, b"", DeviceGarbled, "does not answer 'name'"),
    "another protocol": ({"name": b"OK\r\n"}, b"hello\r\n", DeviceGarbled, "hello"),
    "a crash": ({"name": b""}, b"\0\r\ntk-fault: exception=0x00000003\r\n\0", DeviceDied, "exception=0x00000003"),
}


@pytest.mark.parametrize("case", CONNECTING)
def test_nobody_there(case: str) -> None:
    answers, before, error, text = CONNECTING[case]
    with pytest.raises(error, match=text):
        client_of(Scripted(answers, before)).connect(0.4)


def test_the_line_ends() -> None:
    with pytest.raises(DeviceDied, match="gone"):
        client_of(Scripted({"name": b""}, b"m-in", ends=True)).connect(5.0)


INFERRING: dict[str, tuple[bytes, type[DeviceError], str]] = {
    "it stops": (INFER[:60], DeviceDied, "stopped answering during 'infer 1 0'"),
    "it never starts": (b"", DeviceDied, "nothing came"),
    "it restarts": (INFER[:60] + b"\r\n" + BANNER, DeviceReset, "restarted during 'infer 1 0'"),
    "it crashes": (INFER[:60] + b"\0\r\ntk-fault: exception=0x00000004\r\n\0", DeviceDied, "0x00000004"),
    "it refuses": (b"e-[no]\r\n" + READY, DeviceRefused, r"e-\[no\]"),
    "no times": (b"m-results-[1.000]\r\n" + READY, DeviceGarbled, "m-lap-us"),
    "three times": (INFER.replace(b"m-infer-done", b"m-lap-us-36"), DeviceGarbled, "m-lap-us"),
    "no results": (INFER.replace(b"results", b"resalts"), DeviceGarbled, "m-results"),
    "results that are none": (INFER.replace(b"0.250", b"0.2x0"), DeviceGarbled, "no numbers"),
    "empty results": (INFER.replace(b"0.250,-1.500", b""), DeviceGarbled, "m-results"),
    "a clock that runs backwards": (INFER.replace(b"us-35", b"us-5"), DeviceGarbled, "backwards, from 10 to 5"),
    "bytes that are no text": (INFER.replace(b"lap", b"l\xe1p"), DeviceGarbled, "wrongly"),
}


@pytest.mark.parametrize("case", INFERRING)
def test_an_inference_that_goes_wrong(case: str) -> None:
    reply, error, text = INFERRING[case]
    with pytest.raises(error, match=text) as caught:
        client_of(Scripted({"infer 1 0": reply})).infer()
    assert caught.value.exit_code == 4
    assert caught.value.where == "scripted device"


def test_a_load_that_goes_wrong() -> None:
    with pytest.raises(DeviceRefused, match="too many"):
        client_of(Scripted({"db load 2": b"e-[too many]\r\n" + READY})).load(b"ab")
    with pytest.raises(DeviceGarbled, match="Expecting"):
        client_of(Scripted({"db load 2": b"m-[Expecting 3 bytes]\r\n" + READY})).load(b"ab")
    answers = {"db load 2": b"m-[Expecting 2 bytes]\r\n" + READY, "db 6162": READY}
    with pytest.raises(DeviceGarbled, match="m-load-done"):
        client_of(Scripted(answers)).load(b"ab")


@pytest.mark.slow
def test_a_model_that_hangs_is_given_up_and_one_that_restarts_is_told_apart(start_small: StartSmall) -> None:
    tensor = Tensor(9, 4, 1.0, 0)
    for first, error in ((0xEE, DeviceDied), (0xEF, DeviceReset)):
        with start_small(Small(source=tensor, target=tensor)) as stream:
            client = MlperfClient(stream, inference_timeout=0.5)
            client.connect()
            client.load(bytes([first, 0, 0, 0]))
            with pytest.raises(error):
                client.infer()
            assert any(line.startswith("< m-infer-start-1") for line in client.transcript)


def test_inferences_may_take_as_long_as_their_warmups_say() -> None:
    """A thousand that hang are not waited for a thousand times the limit of one."""
    device = Scripted({"infer 1000 5": b"m-warmup-start-5\r\nm-warmup-done\r\nm-infer-start-1000\r\n"})
    begun = time.monotonic()
    with pytest.raises(DeviceDied):
        client_of(device, inference_timeout=1.0).infer(1000, 5)
    assert time.monotonic() - begun < 60
