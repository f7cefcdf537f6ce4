"""Devices that go wrong in a session: killed, crashed, hung and restarted are told apart."""

from __future__ import annotations

import os
import signal
import struct
import threading
import time

import pytest

from link.wires import Once, Wire
from tinykit.emulate.native import Native
from tinykit.errors import DeviceDied, DeviceReset
from tinykit.link import Client
from tinykit.link.frames import Command, Kind


def command(client: Client, number: int) -> None:
    """Have the counting model do something bad in the next run."""
    client.write_input(1, struct.pack("<i", number))


def connected(stream: Wire) -> Client:
    client = Client(stream, timeout=0.2, retries=2)
    client.connect()
    return client


def test_it_is_killed_midway(device: Native) -> None:
    with device as stream:
        client = Client(stream)
        client.connect()
        command(client, 20_000)
        assert device.pid is not None
        timer = threading.Timer(0.3, os.kill, (device.pid, signal.SIGKILL))
        timer.start()
        with pytest.raises(DeviceDied, match="ended by SIGKILL"):
            client.run()


def test_it_aborts(wire: Wire) -> None:
    client = connected(wire)
    command(client, -1)
    with pytest.raises(DeviceDied, match="SIGABRT"):
        client.run()


def test_a_fault_is_told_at_once(wire: Wire) -> None:
    client = connected(wire)
    command(client, -2)
    start = time.monotonic()
    with pytest.raises(DeviceDied, match="crashed during RUN") as caught:
        client.run(timeout=300)
    assert time.monotonic() - start < 60
    assert "tk-fault: exception=0x00000003 pc=0x00001234" in str(caught.value)


@pytest.mark.slow
def test_it_hangs_in_a_run(wire: Wire) -> None:
    client = connected(wire)
    command(client, -3)
    with pytest.raises(DeviceDied, match=r"accepted the request and did not answer in 0\.5 s"):
        client.run(timeout=0.5)
    with pytest.raises(DeviceDied, match="no answer to 3 attempts"):
        client.memory()


def test_it_restarts_in_a_run(wire: Wire) -> None:
    client = connected(wire)
    before = client.info.boot_nonce
    command(client, -4)
    with pytest.raises(DeviceReset, match="restarted during RUN"):
        client.run()
    assert client.connect().boot_nonce != before
    client.run()


def test_it_restarted_between_requests_and_its_banner_was_lost(wire: Wire) -> None:
    client = Client(wire)
    client.connect()
    wire.receiving = Once(Kind.EVENT, Command.BANNER)
    command(client, -4)
    with pytest.raises(DeviceReset, match="no longer knows this session"):
        client.run(timeout=0.5)


def test_a_fault_of_an_earlier_boot_is_not_blamed_for_a_later_silence(wire: Wire) -> None:
    wire.noise = b"\0\r\ntk-fault: exception=0x00000006\r\n\0"
    client = connected(wire)
    assert client.stats.crc_errors == 1
    command(client, -3)
    with pytest.raises(DeviceDied, match="stopped answering"):
        client.run(timeout=0.4)
