"""A web server on this computer that misbehaves as it is told, and a catalogue of one model that it has."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from tinykit.catalog import CatalogModel

CONTENT = np.random.default_rng(0).bytes(300_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@dataclass
class Site:
    """The server. Paths: /whole, /wrong, /longer, /redirect, /loop, /missing, /unsized; /cut ends after half a file.

    Attributes:
        requests: path and Range header of each, in order.
        ranges: whether it can send a file from some byte on.
        cuts: how many requests for /cut are cut short.
    """

    url: str
    requests: list[tuple[str, str | None]] = field(default_factory=list)
    ranges: bool = True
    cuts: int = 1


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *arguments: object) -> None:
            pass

        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            site.requests.append((self.path, wanted))
            if self.path in ("/redirect", "/loop"):
                self.send_response(302)
                self.send_header("Location", "/whole" if self.path == "/redirect" else "/loop")
                self.end_headers()
            elif self.path == "/missing":
                self.send_error(404)
            else:
                self._send(wanted)

        def _send(self, wanted: str | None) -> None:
            content = {"/wrong": CONTENT[::-1], "/longer": CONTENT + b"more"}.get(self.path, CONTENT)
            start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and site.ranges else 0
            if start > len(content):
                self.send_error(416)
                return
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            rest = content[start:]
            if self.path != "/unsized":
                self.send_header("Content-Length", str(len(rest)))
            self.end_headers()
            if self.path == "/cut" and site.cuts > 0:
                site.cuts -= 1
                rest = rest[: len(rest) // 2]
            self.wfile.write(rest)

    return Handler


@pytest.fixture
def site() -> Iterator[Site]:
    """A running server, with an address of its own."""
    site = Site("")
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(site))
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield site
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with the cache in it ("cache") and a local source ("mine"), both of them empty."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("TINYKIT_MODELS", str(tmp_path / "mine"))
    monkeypatch.setenv("TINYKIT_SHARED", str(tmp_path / "nothing"))
    monkeypatch.setenv("no_proxy", "*")
    return tmp_path


def entry(*urls: str, sha256: str | None = SHA256, size: int | None = len(CONTENT)) -> CatalogModel:
    """A model called "noise"."""
    return CatalogModel(
        name="noise",
        title="Noise",
        task="none",
        origin="here",
        licence="CC0-1.0",
        file="noise.tflite",
        folder="things",
        urls=urls,
        sha256=sha256,
        size=size,
        input="none",
        output="none",
        metric="none",
    )
