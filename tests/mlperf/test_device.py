"""The firmware's side of MLPerf Tiny's protocol, byte by byte, on this computer and on emulated cores."""

from __future__ import annotations

import re
import time

import numpy as np
import pytest

from mlperf.conftest import StartSmall
from mlperf.devices import BANNER, Small, Tensor, Terminal
from support.slow import rest_slow
from tinykit import __version__

EMULATED = ("qemu-mps2-an386", "qemu-microbit", "qemu-riscv32")
BOARDS = ["native", *(pytest.param(name, marks=pytest.mark.slow) for name in EMULATED)]
READY = b"m-ready\r\n"
LOAD = b"e-[db load N: the number of bytes must be from 1 up]\r\n"
RUNS = b"e-[infer N: the number of inferences must be from 1 to 4294967295]\r\n"
WARMUPS = b"e-[infer N W: the number of warm-ups must be from 0 to 4294967295]\r\n"
NO_LOAD = b"e-[db HEX: no load is under way, begin one with db load N]\r\n"
ODD = b"e-[db HEX: the number of digits is odd]\r\n"
NO_DIGIT = b"e-[db HEX: not a hexadecimal digit]\r\n"
TOO_LONG = b"e-[A command has at most 80 characters]\r\n"
UNKNOWN = b"e-[Unknown command]\r\n"


@pytest.fixture(params=BOARDS)
def device(request: pytest.FixtureRequest, start_small: StartSmall):
    with start_small(Small(request.param)) as stream:
        terminal = Terminal(stream)
        assert terminal.receive() == BANNER
        terminal.board = request.param
        yield terminal


def infer_reply(got: bytes, n: int, w: int) -> tuple[int, int, bytes]:
    """Both times and the results of a reply that is in everything else what it has to be."""
    match = re.fullmatch(
        rb"m-warmup-start-%d\r\nm-warmup-done\r\nm-infer-start-%d\r\nm-lap-us-(\d+)\r\nm-lap-us-(\d+)\r\n"
        rb"m-infer-done\r\nm-results-\[([^]]*)\]\r\nm-ready\r\n" % (w, n),
        got,
    )
    assert match, got
    return int(match[1]), int(match[2]), match[3]


def test_commands_without_arguments(device: Terminal) -> None:
    assert device.ask(b"name%") == b"m-name-dut-[" + device.board.encode() + b"]\r\n" + READY
    assert device.ask(b"profile%") == f"m-profile-[tinykit {__version__}]\r\nm-model-[kws01]\r\n".encode() + READY
    first, second = (
        int(re.fullmatch(rb"m-lap-us-(\d+)\r\nm-ready\r\n", device.ask(b"timestamp%"))[1]) for _ in range(2)
    )
    assert first < second
    help_text = device.ask(b"help%")
    assert all(name in help_text for name in (b"name", b"timestamp", b"profile", b"db load", b"infer", b"results"))
    assert help_text.count(b"m-ready") == 1
    assert device.silence() == b""


def test_a_load_an_inference_and_its_results(device: Terminal) -> None:
    assert device.ask(b"db load 12%") == b"m-[Expecting 12 bytes]\r\n" + READY
    assert device.ask(b"db 80907Fff00%") == READY
    assert device.ask(b"db 0102030405060708FF%") == b"m-load-done\r\n" + READY  # digits past the last byte
    assert device.ask(b"db print%") == (b"m-buffer-80-90-7f-ff-00-01-02-03\r\nm-buffer-04-05-06-07\r\n" + READY)
    start, end, results = infer_reply(device.ask(b"infer 3 2%"), 3, 2)
    assert start <= end
    # 16 / 256 is 0.0625: a tie, to even
    assert results == b"0.000,0.062,0.996,0.496"
    assert device.ask(b"results%") == b"m-results-[0.000,0.062,0.996,0.496]\r\n" + READY
    assert infer_reply(device.ask(b"infer 1 0%"), 1, 0)[2] == results  # runs leave the input as it was
    assert device.ask(b"db print%").startswith(b"m-buffer-80-90-7f-ff")


def test_defaults_of_infer(device: Terminal) -> None:
    infer_reply(device.ask(b"infer%"), 1, 10)
    infer_reply(device.ask(b"infer 2%"), 2, 10)
    infer_reply(device.ask(b"infer  2   0 %"), 2, 0)


ERRORS = {
    b"infer 0": RUNS,
    b"infer 0 5": RUNS,
    b"infer -1": RUNS,
    b"infer +1": RUNS,
    b"infer x": RUNS,
    b"infer 1x": RUNS,
    b"infer 4294967296": RUNS,
    b"infer 99999999999999999999999999": RUNS,
    b"infer 1 -1": WARMUPS,
    b"infer 1 x": WARMUPS,
    b"infer 1 4294967296": WARMUPS,
    b"results": b"e-[results: no inference yet]\r\n",
    b"db": b"e-[db: load N, HEX or print must follow]\r\n",
    b"db ": b"e-[db: load N, HEX or print must follow]\r\n",
    b"db load": LOAD,
    b"db load 0": LOAD,
    b"db load -4": LOAD,
    b"db load x": LOAD,
    b"db load 4294967296": LOAD,
    b"db load 18446744073709551628": LOAD,  # 12 more than 2^64
    b"db load 13": b"e-[db load N: 13 bytes, but the input has 12]\r\n",
    b"db load 4294967295": b"e-[db load N: 4294967295 bytes, but the input has 12]\r\n",
    b"db 00": NO_LOAD,
    b"db print": b"",  # nothing was loaded
    b"db 00 11": b"e-[db HEX: digits must not be apart]\r\n",
    b"": b"e-[No command]\r\n",
    b"   ": b"e-[No command]\r\n",
    b"names": UNKNOWN,
    b"nam": UNKNOWN,
    b"NAME": UNKNOWN,
    b"loads": UNKNOWN,
    b"infer1": UNKNOWN,
    b"\xff\xfe\x80": UNKNOWN,
    b"a" * 80: UNKNOWN,
    b"a" * 81: TOO_LONG,
    b"name" + b" " * 77: TOO_LONG,
    b"a" * 100_000: TOO_LONG,
}


def test_every_error_and_that_the_device_goes_on(device: Terminal) -> None:
    for command, expected in ERRORS.items():
        if len(command) > 1000 and device.board != "native":
            continue  # an emulated serial port takes its time
        assert device.ask(command + b"%") == expected + READY, command[:90]
    assert device.ask(b"name" + b" " * 76 + b"%").startswith(b"m-name-dut-")  # 80 characters
    infer_reply(device.ask(b"infer 1 0%"), 1, 0)
    assert device.silence() == b""


def test_a_refused_load_overwrites_nothing_and_ends_the_one_before(device: Terminal) -> None:
    device.ask(b"db load 12%")
    device.ask(b"db " + bytes(range(1, 13)).hex().encode() + b"%")
    printed = device.ask(b"db print%")
    for refused in (b"db load 13%", b"db load 1000000%"):
        device.ask(b"db load 12%")
        assert device.ask(refused).startswith(b"e-[db load N:")
        assert device.ask(b"db " + b"ff" * 30 + b"%") == NO_LOAD + READY
        assert device.ask(b"db print%") == printed
    device.ask(b"db load 12%")
    assert device.ask(b"db load 0%") == LOAD + READY  # no number: nothing was announced, the load goes on
    assert device.ask(b"db " + b"ee" * 11 + b"%") == READY


def test_wrong_digits_store_nothing_of_their_line(device: Terminal) -> None:
    device.ask(b"db load 4%")
    assert device.ask(b"db 11%") == READY
    assert device.ask(b"db 222%") == ODD + READY
    assert device.ask(b"db 22zz%") == NO_DIGIT + READY
    assert device.ask(b"db 0x22%") == NO_DIGIT + READY
    assert device.ask(b"db 222g%") == NO_DIGIT + READY
    assert device.ask(b"db 223344zz%") == b"m-load-done\r\n" + READY  # zz is past the last byte
    assert device.ask(b"db print%") == b"m-buffer-11-22-33-44\r\n" + READY
    assert device.ask(b"db 55%") == NO_LOAD + READY  # it is complete
    assert device.ask(b"db print%") == b"m-buffer-11-22-33-44\r\n" + READY


def test_half_an_input_is_not_run(device: Terminal) -> None:
    device.ask(b"db load 12%")
    device.ask(b"db 0011%")
    assert device.ask(b"infer 1 0%") == b"e-[The input is not loaded: it has 12 bytes, 2 came]\r\n" + READY
    device.ask(b"db load 4%")
    assert device.ask(b"db 00112233%") == b"m-load-done\r\n" + READY
    assert device.ask(b"infer 1 0%") == b"e-[The input is not loaded: it has 12 bytes, 4 came]\r\n" + READY


def test_line_ends_of_a_persons_terminal_are_no_part_of_a_command(device: Terminal) -> None:
    assert device.ask(b"name%\r\n").startswith(b"m-name-dut-")
    assert device.ask(b"\r\nname\r\n%").startswith(b"m-name-dut-")


def test_commands_sent_without_waiting_are_all_answered(device: Terminal) -> None:
    device.stream.write(b"name%profile%foo%infer 1 0%")
    got = device.receive()
    while got.count(READY) < 4:
        got += device.receive()
    assert [line.split(b"-[")[0] for line in got.split(b"\r\n") if b"-[" in line] == [
        b"m-name-dut", b"m-profile", b"m-model", b"e", b"m-results",
    ]  # fmt: skip


def test_a_model_that_cannot_run(start_small: StartSmall) -> None:
    with start_small(Small(init=7)) as stream:
        device = Terminal(stream)
        assert device.receive() == BANNER
        assert device.ask(b"infer 1 0%") == b"e-[The model could not be initialised]\r\n" + READY
        assert device.ask(b"results%") == b"e-[results: no inference yet]\r\n" + READY


TYPES = {
    "float32": (Tensor(0, 16), np.array([1.5, -0.0004, 1e30, float("inf")], "<f4")),
    "uint8": (Tensor(3, 4, 0.25, 10), np.array([0, 10, 11, 255], "u1")),
    "int16": (Tensor(7, 8, 3.0517578125e-05, 0), np.array([-32768, -1, 1, 32767], "<i2")),
    "int32": (Tensor(2, 16), np.array([-(2**31), -1, 0, 2**31 - 1], "<i4")),
    "int8": (Tensor(9, 4, 0.1, -5), np.array([-128, -5, 0, 127], "i1")),
}


@pytest.mark.parametrize("kind", rest_slow(TYPES, 2))
def test_results_of_every_type(kind: str, start_small: StartSmall) -> None:
    tensor, values = TYPES[kind]
    real = values.astype(np.float32)
    if tensor.scale:
        real = (real - np.float32(tensor.zero_point)) * np.float32(tensor.scale)
    with start_small(Small(source=tensor, target=tensor)) as stream:
        device = Terminal(stream)
        device.receive()
        device.ask(b"db load %d%%" % tensor.size)
        assert device.ask(b"db " + values.tobytes().hex().encode() + b"%") == b"m-load-done\r\n" + READY
        results = infer_reply(device.ask(b"infer 1 0%"), 1, 0)[2]
    assert results.decode() == ",".join(f"{value:.3f}" for value in real)


@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize("source", [Tensor(9, 40, 0.39101523, 89), Tensor(0, 160)], ids=["int8", "float32"])
def test_the_error_of_ad01(board: str, source: Tensor, start_small: StartSmall) -> None:
    target = Tensor(source.dtype, source.size, source.scale and 0.36449847, source.zero_point and 96)
    random = np.random.default_rng(3)
    values = random.integers(-128, 128, 40).astype("i1") if source.scale else random.normal(size=40).astype("<f4")

    def real(tensor: Tensor) -> np.ndarray:
        wide = values.astype(np.float32)
        return (wide - np.float32(tensor.zero_point)) * np.float32(tensor.scale) if tensor.scale else wide

    total = np.float32(0)
    for error in real(target) - real(source):
        total += error * error
    expected = f"{total / np.float32(40):.3f}"
    with start_small(Small(board, "ad01", source, target)) as stream:
        device = Terminal(stream)
        device.receive()
        device.ask(b"db load %d%%" % source.size)
        data = values.tobytes()
        for at in range(0, len(data), 31):
            device.ask(b"db " + data[at : at + 31].hex().encode() + b"%")
        assert infer_reply(device.ask(b"infer 2 1%"), 2, 1)[2].decode() == expected
        if source.scale:
            assert float(expected) > 1
        # of the inference, whatever is loaded since
        device.ask(b"db load 1%")
        device.ask(b"db 7f%")
        assert device.ask(b"results%").decode() == f"m-results-[{expected}]\r\nm-ready\r\n"


def test_microseconds_are_those_of_the_boards_counter(start_small: StartSmall) -> None:
    with start_small(Small("native")) as stream:
        device = Terminal(stream)
        device.receive()
        before = time.monotonic()
        first = _stamp(device)
        time.sleep(0.2)
        second = _stamp(device)
        passed = (time.monotonic() - before) * 1e6
    assert 200_000 <= second - first <= passed


def _stamp(device: Terminal) -> int:
    match = re.search(rb"m-lap-us-(\d+)", device.ask(b"timestamp%"))
    assert match
    return int(match[1])
