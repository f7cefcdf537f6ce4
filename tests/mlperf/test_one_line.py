"""Frames of the link and MLPerf Tiny's text on one line: neither takes the other's bytes for its own."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from mlperf.conftest import BuildSmall, StartSmall
from mlperf.devices import BANNER, Small, Tensor, Terminal
from tinykit.errors import DeviceReset
from tinykit.link import Client
from tinykit.link.frames import Command, Frame, Kind, encode_frame
from tinykit.mlperf import MlperfClient

BYTES = Tensor(9, 64, 0.5, 0)
SMALL = Small(source=BYTES, target=BYTES)


def test_both_in_turn(start_small: StartSmall) -> None:
    with start_small(SMALL) as stream:
        client = Client(stream)
        assert client.connect().model_name == "small"
        text = MlperfClient(stream)
        assert text.connect() == "native"
        for round_ in range(20):
            data = bytes((round_ * 7 + i) % 200 + 1 for i in range(64))
            client.write_input(0, data)  # an input is one, whoever writes it
            results = text.infer(1, 0).results
            assert client.read_output(0) == data
            assert results == tuple((b - 256 if b > 127 else b) * 0.5 for b in data)
            text.load(data[::-1])
            assert client.read_input(0) == data[::-1]
            client.run()
            assert client.read_output(0) == data[::-1]


def test_an_inference_by_a_frame_voids_the_results_of_the_text(start_small: StartSmall) -> None:
    with start_small(SMALL) as stream:
        terminal = Terminal(stream)
        terminal.receive()
        terminal.ask(b"infer 1 0%")
        assert terminal.ask(b"results%").startswith(b"m-results-[")
        client = Client(stream)
        client.connect()
        client.run()
        assert b"e-[results: no inference yet]\r\nm-ready\r\n" in terminal.ask(b"results%")


def test_frames_full_of_commands_are_no_commands(start_small: StartSmall) -> None:
    """Inputs of terminators and of whole commands, and a frame whose first code is the terminator itself."""
    with start_small(SMALL) as stream:
        client = Client(stream)
        client.connect()
        for data in (b"%" * 64, b"name%" * 12 + b"%%%%", (b"\x01infer 1 0%" * 6)[:64], b"\0%\0name%\0" * 7 + b"\0"):
            client.write_input(0, data)
            assert client.read_input(0) == data
        assert client.stats.crc_errors == 0  # a text would have been one
        # 36 bytes without a zero: the code in front is "%"
        frame = Frame(Kind.REQUEST, Command.WRITE, 0x0101, 0x01010101, b"\1" * 24 + b"\0\0")
        encoded = encode_frame(frame)
        if encoded[1:2] != b"%":
            encoded = encode_frame(Frame(Kind.REQUEST, Command.WRITE, 0x0101, 0x01010101, b"\1" * 28 + b"\0\0"))
        assert encoded[:3] == b"\0%\1"
        terminal = Terminal(stream)
        stream.write(encoded)
        answer = b""
        while answer.count(b"\0") < 2:  # an error: there is no such session
            answer += stream.read(2.0)
        assert b"m-ready" not in answer + terminal.silence()


def test_text_after_any_end_of_a_frame(start_small: StartSmall) -> None:
    hello = encode_frame(Frame(Kind.REQUEST, Command.HELLO, 0, 5, b"\5\0\0\0"))
    with start_small(SMALL) as stream:
        terminal = Terminal(stream)
        terminal.receive()
        for before in (b"", b"\0", b"\0\0\0", hello, hello + hello, hello[:9] + b"\0", b"noise\0", b"\xff\0"):
            got = terminal.ask(before + b"name%")
            assert got.endswith(b"m-name-dut-[native]\r\nm-ready\r\n"), before
            assert b"e-[" not in got
        # a frame whose beginning was lost is what any noise is: it may cost the command behind it, and no more
        terminal.ask(hello[1:-1] + b"name%")
        assert terminal.ask(b"name%") == b"m-name-dut-[native]\r\nm-ready\r\n"


def test_half_a_frame_costs_text_nothing(start_small: StartSmall) -> None:
    """As a program leaves it that was killed while it sent one. To a device its bytes go on until a zero comes."""
    half = encode_frame(Frame(Kind.REQUEST, Command.WRITE, 1, 5, b"\5" * 20))[:10]
    with start_small(SMALL) as stream:
        terminal = Terminal(stream)
        terminal.receive()
        stream.write(half + b"name%")
        assert terminal.silence() == b""
        assert terminal.ask(b"\0name%") == b"m-name-dut-[native]\r\nm-ready\r\n"
        stream.write(half)
        assert MlperfClient(stream).connect(2.0) == "native"


def test_noise_of_all_kinds_never_stops_either(start_small: StartSmall) -> None:
    chance = random.Random(11)
    with start_small(SMALL) as stream:
        terminal = Terminal(stream)
        terminal.receive()
        for _ in range(60):
            stream.write(bytes(chance.choice((0, 1, 37, 37, 255, chance.randrange(256))) for _ in range(200)))
            while terminal.silence(0.02):
                pass
        stream.write(b"\0")
        assert terminal.ask(b"name%").endswith(b"m-name-dut-[native]\r\nm-ready\r\n")
        client = Client(stream)
        client.connect()
        client.write_input(0, bytes(64))
        client.run()


def test_a_restart_in_a_run_is_seen_at_once(start_small: StartSmall) -> None:
    """No banner frame says so: the text of the start does."""
    with start_small(SMALL) as stream:
        client = Client(stream)
        client.connect()
        client.write_input(0, b"\xef" + bytes(63))
        begun = time.monotonic()
        with pytest.raises(DeviceReset, match="the text of its start"):
            client.run(timeout=60)
        assert time.monotonic() - begun < 5


def test_a_reset_by_request(start_small: StartSmall) -> None:
    with start_small(SMALL) as stream:
        client = Client(stream)
        client.connect()
        client.reset()
        client.connect()
        assert client.read_input(0) == bytes(64)


def test_without_the_option_there_is_nothing_of_it(build_small: BuildSmall, start_small: StartSmall) -> None:
    image = build_small(Small(mlperf=None))
    root: Path = image.project.root
    assert not list(root.rglob("tk_mlperf*")) + list(root.rglob("tk_text*"))
    assert "MLPERF" not in (root / "src" / "tk_config.h").read_text()
    assert b"m-ready" not in image.elf.read_bytes()
    assert image.project.mlperf is None
    with start_small(Small(mlperf=None)) as stream:
        stream.write(b"name%\0")
        got = stream.read(2.0) + Terminal(stream).silence()
    assert got.startswith(b"\0")
    assert BANNER not in got
    assert b"m-name" not in got


@pytest.mark.slow
def test_sources_without_the_option_are_the_same_to_the_compiler(build_small: BuildSmall) -> None:
    """What the option adds to the agent's own files is between #ifdef and #endif."""
    image = build_small(Small(mlperf=None))
    for name in ("tk_agent.c", "tk_run.c"):
        source = (image.project.root / "src" / "agent" / name).read_text()
        kept, inside = [], 0
        for line in source.splitlines():
            if line == "#ifdef TK_MLPERF":
                inside = 1
            elif inside and line == "#else":
                inside = 2
            elif inside and line == "#endif":
                inside = 0
            elif inside != 1:
                kept.append(line)
        assert not [line for line in kept if "mlperf" in line.lower()]
