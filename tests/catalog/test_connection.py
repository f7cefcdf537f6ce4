"""Servers that do not accept or do not answer: said within the time there is for all addresses and URLs."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tinykit.catalog import connection, download, pull
from tinykit.errors import ModelMissing

from .conftest import CONTENT, Site, entry


@pytest.fixture
def full() -> Iterator[int]:
    """The port of a listener that takes no further connection: those wait for an answer in vain."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = []
        for _ in range(8):
            waiting.append(socket.socket())
            waiting[-1].setblocking(False)
            waiting[-1].connect_ex(listener.getsockname())
        yield listener.getsockname()[1]
        for one in waiting:
            one.close()


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that accepts, and says nothing."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(8)
        yield listener.getsockname()[1]


def test_all_addresses_and_urls_share_the_time(full: int, folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = (socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", full))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: [address] * 8)
    monkeypatch.setattr(connection, "REACH", 0.8)
    monkeypatch.setattr(connection, "_LEAST", 0.05)
    url = f"http://127.0.0.1:{full}"
    begun = time.monotonic()
    with pytest.raises(ModelMissing, match="the server cannot be reached") as caught:
        pull(entry(f"{url}/one", f"{url}/two"))
    assert 0.7 < time.monotonic() - begun < 1.5
    assert "/one" in str(caught.value)
    assert "/two" not in str(caught.value)


def test_an_address_that_fails_leaves_the_others(site: Site, folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    port = int(site.url.rpartition(":")[2])
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        places = [taken.getsockname(), ("127.0.0.1", port)]
        found = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", place) for place in places]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_: found)
        assert pull(entry(f"http://models.invalid:{port}/whole")).path.read_bytes() == CONTENT


def test_a_server_that_says_nothing_is_asked_once(silent: int, folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "SILENCE", 0.5)
    monkeypatch.setattr(download, "SILENCE", 0.5)
    begun = time.monotonic()
    with pytest.raises(ModelMissing, match=r"the server does not answer \(no answer for 0.5 seconds\)"):
        pull(entry(f"http://127.0.0.1:{silent}/whole"))
    assert time.monotonic() - begun < 1.5
