"""`tinykit hil proxy` as a user starts it: another program through it, and Ctrl-C."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner

from support.probe import need_tools
from tinykit.board import load_board
from tinykit.cli.main import app
from tinykit.errors import InputError
from tinykit.firmware.from_model import build_model
from tinykit.hil.run import RunOptions, run_project
from tinykit.link.faults import Faults
from tinykit.link.faults.serve import Tally, serve_socket
from tinykit.link.stream import SocketStream

DIGITS = Path(__file__).resolve().parents[2] / "models" / "digits" / "digits.tflite"


@pytest.mark.slow
def test_a_test_through_a_bad_line(tmp_path: Path) -> None:
    need_tools("native")
    project = build_model(DIGITS, load_board("native"), tmp_path / "firmware").project.root
    command = [sys.executable, "-m", "tinykit.cli.main", "hil", "proxy", str(project), "--listen", "127.0.0.1:0"]
    command += ["--flip", "0.05%", "--split", "5%", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as proxy:
        assert proxy.stderr is not None
        said = proxy.stderr.readline()
        assert "flip=0.05%,split=5%,seed=0" in said
        report = run_project(project, RunOptions(limit=20, port=said.split()[-1]))
        proxy.send_signal(signal.SIGINT)
        shown = proxy.communicate(timeout=20)[0]
    assert proxy.returncode == 130
    assert not report.failures
    told = json.loads(shown)
    assert told["connections"] == 1
    assert told["to_device"]["bytes"] > 20 * 64
    assert told["to_device"]["split"] > 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "which device?"),
        (["project", "--port", "/dev/ttyS0"], "which device?"),
        (["--port", "/dev/ttyS0", "--drop", "2"], "no share of bytes"),
        (["--port", "/dev/ttyS0", "--drop", "60%", "--flip", "60%"], "120 % of all bytes"),
    ],
)
def test_what_is_refused(arguments: list[str], message: str) -> None:
    result = CliRunner().invoke(app, ["hil", "proxy", *arguments])
    assert isinstance(result.exception, InputError)
    assert message in str(result.exception)


@pytest.mark.parametrize(
    ("option", "value"), [("--pause", "nan"), ("--pause", "-1"), ("--seconds", "nan"), ("--seconds", "inf")]
)
def test_a_number_that_is_none_is_named(option: str, value: str) -> None:
    result = CliRunner().invoke(app, ["hil", "proxy", "--port", "/dev/ttyS0", option, value])
    assert result.exit_code == 2
    assert f"'{value}' is no number from 0 up" in " ".join(result.output.split())


@pytest.mark.parametrize("address", ["[::1]:0", "127.0.0.1:0", "localhost:0", ":0"])
def test_where_it_listens_is_where_it_is_found(address: str) -> None:
    """The same text that is printed is what other programs connect to; the device here is nobody."""
    try:
        ready: list[str] = []
        ours, theirs = socket.socketpair()
        with ours, contextlib.closing(SocketStream(theirs, "nobody")) as device:
            serve_socket(device, address, Faults(), ready.append, Tally(), 0.0)
    except InputError as error:
        if "[" in address and not socket.has_ipv6:
            pytest.skip(str(error))
        raise
    (name,) = ready
    url = urlsplit(name)
    assert url.hostname == ("::1" if "[" in address else "127.0.0.1")
    assert url.port


@pytest.mark.parametrize("address", ["::1:0", "[::1:0", "[::1]", "x", "1.2.3.4:", "1.2.3.4:70000", "[nobody]:1"])
def test_no_addresses(address: str) -> None:
    with pytest.raises(InputError, match="is no address"):
        serve_socket(None, address, Faults(), print, Tally(), 0.0)  # type: ignore[arg-type]
