"""`tinykit models`: what it prints and how it ends."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from .conftest import DIGITS, TINYKIT, Tinykit

CATALOG = """
[[model]]
name = "small"
title = "Three [red]bytes[/]"
task = "none"
origin = "here"
licence = "CC0-1.0"
file = "small.tflite"
urls = ["{url}"]
sha256 = "{sha256}"
input = "none"
output = "none"
metric = "none"
"""


@pytest.fixture
def offline(tmp_path: Path) -> dict[str, str]:
    """An environment without copies of models."""
    nothing = str(tmp_path / "nothing")
    return {"XDG_CACHE_HOME": nothing, "TINYKIT_MODELS": "", "TINYKIT_SHARED": nothing, "no_proxy": "*"}


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    """One model, at a port where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/small.tflite"
    path = tmp_path / "catalog.toml"
    path.write_text(CATALOG.format(url=url, sha256=hashlib.sha256(b"abc").hexdigest()))
    return path


def test_list_says_what_is_here(tinykit: Tinykit, offline: dict[str, str]) -> None:
    done = tinykit("models", "list", environment=offline)
    assert done.code == 0
    lines = done.out.splitlines()
    assert next(line for line in lines if line.startswith("digits")).split()[1:4] == ["11.6", "KB", "bundled"]
    assert next(line for line in lines if line.startswith("kws01")).split()[1:4] == ["52.7", "KB", "-"]
    models = {m["name"]: m for m in json.loads(tinykit("models", "list", "--json", environment=offline).out)}
    assert models["kws01"]["copy"] is None
    assert models["kws01"]["licence"] == "Apache-2.0"
    assert models["digits"]["copy"]["path"] == str(DIGITS)


def test_path_is_nothing_but_the_path(tinykit: Tinykit) -> None:
    done = tinykit("models", "path", "digits")
    assert (done.code, done.out, done.err) == (0, f"{DIGITS}\n", "")
    assert json.loads(tinykit("models", "path", "digits", "--json").out)["verified"] is True


def test_path_of_what_is_not_here(tinykit: Tinykit, offline: dict[str, str]) -> None:
    done = tinykit("models", "path", "kws01", environment=offline)
    assert (done.code, done.out) == (3, "")
    assert "error: model kws01 is not on this computer" in done.err
    assert "try: tinykit models pull kws01" in done.err


def test_pull_with_neither_network_nor_copy(tinykit: Tinykit, offline: dict[str, str], catalog: Path) -> None:
    done = tinykit("models", "pull", "small", "--catalog", catalog, environment=offline)
    assert (done.code, done.out) == (3, "")
    assert "error: cannot get model small" in done.err
    assert "the server cannot be reached (Connection refused)" in done.err
    assert "set TINYKIT_MODELS to it" in done.err


def test_pull_takes_a_local_copy(tinykit: Tinykit, offline: dict[str, str], catalog: Path, tmp_path: Path) -> None:
    file = tmp_path / "small.tflite"
    file.write_bytes(b"abc")
    environment = {**offline, "TINYKIT_MODELS": str(tmp_path)}
    done = tinykit("models", "pull", "small", "--catalog", catalog, environment=environment)
    assert (done.code, done.out) == (0, f"small: {file} (local, verified)\n")
    done = tinykit("models", "pull", "small", "--catalog", catalog, "--json", environment=environment)
    assert [m["source"] for m in json.loads(done.out)] == ["local"]
    assert "Three [red]bytes[/]" in tinykit("models", "list", "--catalog", catalog, environment=environment).out


@pytest.mark.parametrize("command", ["pull", "path"])
def test_an_unknown_model(tinykit: Tinykit, command: str) -> None:
    done = tinykit("models", command, "digit")
    assert done.code == 2
    assert "unknown model 'digit'" in done.err
    assert "did you mean digits?" in done.err


def test_a_wrong_catalogue(tinykit: Tinykit, tmp_path: Path) -> None:
    (tmp_path / "wrong.toml").write_text("[[model]]\n")
    done = tinykit("models", "list", "--catalog", tmp_path / "wrong.toml")
    assert done.code == 2
    assert "field model.0.name: missing" in done.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_pull_leaves_no_model(
    offline: dict[str, str], catalog: Path, tmp_path: Path, number: signal.Signals
) -> None:
    with socket.socket() as server:  # sends a beginning, and then nothing
        server.bind(("127.0.0.1", 0))
        server.listen()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/small.tflite"
        catalog.write_text(CATALOG.format(url=url, sha256=hashlib.sha256(b"abc").hexdigest()))
        cache = tmp_path / "cache"
        pulling = subprocess.Popen(
            [TINYKIT, "models", "pull", "small", "--catalog", catalog],
            env={**os.environ, **offline, "XDG_CACHE_HOME": str(cache)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        server.settimeout(30)
        connection, _ = server.accept()
        with connection:
            connection.recv(1000)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na")
            folder = cache / "tinykit" / "models" / "small"
            end = time.monotonic() + 10
            while not (folder / ".small.tflite.part").exists() and time.monotonic() < end:
                time.sleep(0.01)
            pulling.send_signal(number)
            out, err = pulling.communicate(timeout=10)
    assert (pulling.returncode, out) == (128 + number, "")
    assert "Traceback" not in err
    assert not (folder / "small.tflite").exists()
