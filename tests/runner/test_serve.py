"""The runner as a process: over TCP, and over a serial port, which is a pseudo-terminal here."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.runners import words
from tinykit.board import load_board
from tinykit.errors import DeviceDied, InputError
from tinykit.firmware.runner import ReleaseOptions, render_release
from tinykit.firmware.runner.bundle import runner_bundle
from tinykit.link import Client, FdStream, SerialStream
from tinykit.link.frames import Command, Frame, Kind, encode_frame
from tinykit.resources import data_dir
from tinykit.runner.install.health import answers
from tinykit.runner.install.install import _check_address
from tinykit.runner.line import ClientLine
from tinykit.runner.listen import listen
from tinykit.runner.release import load_release

pytest.importorskip("cffi", reason="cffi is not installed")
DIGITS = data_dir("models") / "digits" / "digits.tflite"


def start(folder: Path) -> subprocess.Popen[bytes]:
    """As systemd does, but with this Python instead of an environment of its own, and without tinykit on its path."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [
        sys.executable,
        str(folder / "runner.pyz"),
        "serve",
        str(folder),
        "--status",
        str(folder / "status.json"),
    ]
    return subprocess.Popen([*command, "--leash"], stdin=subprocess.PIPE, env=environment)


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, int]]:
    """A release in service with a serial port; the folder, and the near end of the port."""
    near, far = os.openpty()
    folder = tmp_path_factory.mktemp("release")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    options = ReleaseOptions(engine="library", port=port, serial=os.ttyname(far))
    render_release([DIGITS], load_board("native"), folder, options)
    with start(folder) as process:
        try:
            until = time.monotonic() + 20
            while not (folder / "status.json").exists():
                assert process.poll() is None
                assert time.monotonic() < until
                time.sleep(0.05)
            yield folder, near
        finally:
            assert process.stdin is not None
            process.stdin.close()  # the leash
            assert process.wait(10) == 0
            os.close(far)


def test_over_tcp_with_pyserial(serving: tuple[Path, int]) -> None:
    release = load_release(serving[0])
    stream = SerialStream(f"socket://127.0.0.1:{release.port}")
    try:
        client = Client(stream, expected_build=release.build_id)
        info = client.connect(5)
        assert (info.board, info.engine, info.model_sha256) == ("native", "library", release.model_sha256)
        assert client.run(2).n == 2
    finally:
        stream.close()
    assert json.loads((serving[0] / "status.json").read_text())["state"] == "serving"


def test_over_a_serial_port(serving: tuple[Path, int]) -> None:
    folder, near = serving
    client = Client(FdStream(os.dup(near), "pty"), expected_build=load_release(folder).build_id)
    client.connect(5)
    data = bytes(range(64)) * (client.info.inputs[0].nbytes // 64)
    client.write_input(0, data)  # zeros, line ends and control characters among them
    assert client.read_input(0) == data


def test_noise_and_hosts_that_hang_up_harm_nobody(serving: tuple[Path, int]) -> None:
    release = load_release(serving[0])
    for noise in (b"", b"GET / HTTP/1.1\r\n\r\n", bytes(100), b"\xff" * 80_000):
        with socket.create_connection(("127.0.0.1", release.port)) as connection:
            connection.sendall(noise)
    stream = SerialStream(f"socket://127.0.0.1:{release.port}")
    try:
        Client(stream, expected_build=release.build_id).connect(5)
    finally:
        stream.close()


def request(command: int, sequence: int, payload: bytes) -> bytes:
    return encode_frame(Frame(Kind.REQUEST, command, sequence, 0x1234, payload))


def test_a_client_that_asks_for_very_much_and_hangs_up_is_let_go(serving: tuple[Path, int]) -> None:
    release = load_release(serving[0])
    with socket.create_connection(("127.0.0.1", release.port)) as connection:
        connection.sendall(request(Command.HELLO, 0, words(0x1234)))
        connection.sendall(request(Command.RUN, 1, words(2**32 - 1, 0) + b"\0"))
        until = time.monotonic() + 5
        while answers(release, 0.2):
            assert time.monotonic() < until, "it does not run"
        connection.sendall(bytes(100))  # still to be read when the line closes
    assert answers(release, 3)


def test_a_client_that_reads_nothing_is_cut_off_soon() -> None:
    ours, theirs = socket.socketpair()
    line = ClientLine(theirs, "client")
    with ours, contextlib.closing(line):
        assert not line.closed()
        before = time.monotonic()
        with pytest.raises(DeviceDied):
            line.write(bytes(1 << 24))
        assert time.monotonic() - before < 4
        assert line.closed()
        with pytest.raises(DeviceDied):  # and the thread that reads here knows it
            line.read(1)


@pytest.mark.parametrize(("address", "near"), [("::1", "::1"), ("::", "::1"), ("::", "127.0.0.1")])
def test_ipv6_is_listened_on(address: str, near: str) -> None:
    if not Path("/proc/net/if_inet6").exists():
        pytest.skip("this machine has no IPv6")
    with listen(address, 0) as server:
        socket.create_connection((near, server.getsockname()[1]), 5).close()


def test_an_address_that_cannot_be_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    for address in ("pi.local", "127.0.0.1.1", ""):
        with pytest.raises(InputError, match="no address to listen on"):
            render_release([DIGITS], load_board("native"), tmp_path / "out", ReleaseOptions(listen=address))
    assert not (tmp_path / "out").exists()
    render_release([DIGITS], load_board("native"), tmp_path, ReleaseOptions(listen="192.0.2.1"))
    with pytest.raises(InputError, match="the board cannot listen there"):
        _check_address(load_release(tmp_path))


def test_a_port_that_is_taken_is_told(serving: tuple[Path, int], tmp_path: Path) -> None:
    options = ReleaseOptions(engine="library", port=load_release(serving[0]).port)
    render_release([DIGITS], load_board("native"), tmp_path, options)
    with start(tmp_path) as process:
        assert process.wait(20) == 3
    said = json.loads((tmp_path / "status.json").read_text())
    assert (said["state"], said["what"]) == ("failed", "cannot listen there")


def test_a_damaged_release_is_refused(tmp_path: Path) -> None:
    render_release([DIGITS], load_board("native"), tmp_path, ReleaseOptions())
    path = tmp_path / "release.json"
    good = path.read_text()
    for text in (good[:-20], "[]", "{}", good.replace('"threads": 1', '"threads": 2'), good.replace("models", "model")):
        path.write_text(text)
        with pytest.raises(InputError, match="wrong release"):
            load_release(tmp_path)
    path.unlink()
    with pytest.raises(InputError, match="no release"):
        load_release(tmp_path)


def test_the_runner_is_the_same_file_every_time() -> None:
    assert runner_bundle() == runner_bundle()
