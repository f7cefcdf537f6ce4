"""Devices with which no session can be opened: each way of failing has its own error, and says what was seen."""

from __future__ import annotations

import os
import pty
import random
import struct
import threading
import tty
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from link.conftest import MakeImage
from link.wires import Once, Wire
from tinykit.errors import DeviceDied, DeviceGarbled, DeviceRefused, DeviceSilent, WrongFirmware
from tinykit.link import Client, FdStream
from tinykit.link.frames import Command, Frame, Kind, encode_frame

FAULT = b"\0\r\ntk-fault: exception=0x00000006 pc=0x00000042\r\n\0"


@pytest.fixture
def line() -> Iterator[tuple[FdStream, int]]:
    """A stream, and the far end of it: a pseudo-terminal with no device."""
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    stream = FdStream(ours, "a line")
    yield stream, theirs
    stream.close()
    os.close(theirs)


def test_silence(line: tuple[FdStream, int]) -> None:
    with pytest.raises(DeviceSilent, match="not a single byte") as caught:
        Client(line[0]).connect(timeout=0.6)
    assert "a line" in str(caught.value)


@pytest.mark.parametrize("garbage", [b"U\0x\0" * 50, b"Hello world\r\n", random.Random(1).randbytes(1000), b"\0"])
def test_garbage(line: tuple[FdStream, int], garbage: bytes) -> None:
    os.write(line[1], garbage)
    with pytest.raises(DeviceGarbled, match=f"received {len(garbage)} bytes"):
        Client(line[0]).connect(timeout=0.4)


def test_an_echo(line: tuple[FdStream, int]) -> None:
    def echo() -> None:
        for _ in range(2):
            os.write(line[1], os.read(line[1], 100))

    thread = threading.Thread(target=echo, daemon=True)
    thread.start()
    with pytest.raises(DeviceGarbled, match="sends back"):
        Client(line[0]).connect(timeout=0.6)
    thread.join()


def test_a_crash_before_the_session(line: tuple[FdStream, int]) -> None:
    os.write(line[1], FAULT)
    with pytest.raises(DeviceDied, match="crashed") as caught:
        Client(line[0]).connect(timeout=0.4)
    assert "why: tk-fault: exception=0x00000006 pc=0x00000042\n" in str(caught.value)


def test_a_line_that_closes() -> None:
    ours, theirs = pty.openpty()
    os.close(theirs)
    stream = FdStream(ours, "a line")
    with pytest.raises(DeviceDied, match="closed the line"):
        Client(stream).connect(timeout=5)
    stream.close()


def test_a_banner_and_nothing_more(wire: Wire) -> None:
    wire.receiving = lambda frame, line: line if frame.command == Command.BANNER else b""
    with pytest.raises(DeviceDied, match="started but did not answer"):
        Client(wire).connect(timeout=0.6)


def test_another_build(make_image: MakeImage, wire: Wire) -> None:
    other = make_image(4096)
    with pytest.raises(WrongFirmware) as caught:
        Client(wire, expected_build=other.build_id).connect()
    assert other.build_id in str(caught.value)
    assert make_image().build_id in str(caught.value)


def rewritten(at: int, value: bytes) -> Callable[[Frame, bytes], bytes]:
    def change(frame: Frame, line: bytes) -> bytes:
        payload = frame.payload[:at] + value + frame.payload[at + len(value) :]
        return encode_frame(replace(frame, payload=payload))

    return change


def test_another_version_of_the_protocol(wire: Wire) -> None:
    wire.receiving = Once(Kind.REPLY, Command.HELLO, rewritten(0, b"\x02"))
    with pytest.raises(WrongFirmware, match="version 2 of the link"):
        Client(wire).connect()


@pytest.mark.parametrize("max_payload", [0, 5, 63])
def test_an_impossible_payload_size(wire: Wire, max_payload: int) -> None:
    wire.receiving = Once(Kind.REPLY, Command.HELLO, rewritten(1, struct.pack("<H", max_payload)))
    with pytest.raises(DeviceRefused, match=f"largest payload is {max_payload} bytes"):
        Client(wire).connect()


def test_a_description_without_an_end(wire: Wire) -> None:
    def endless(frame: Frame, line: bytes) -> bytes:
        return encode_frame(replace(frame, payload=b"x" * 64)) if frame.command == Command.INFO else line

    wire.receiving = endless
    with pytest.raises(DeviceRefused, match="does not end"):
        Client(wire).connect()
