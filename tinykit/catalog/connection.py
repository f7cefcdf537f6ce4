"""HTTP(S) that gives up within seconds on a server that cannot be reached, and has patience with a slow one."""

from __future__ import annotations

import http.client
import socket
import time
import urllib.request
from typing import Any

REACH = 10.0
"""Seconds within which one of a server's addresses must accept a connection."""
_LEAST = 1.5
"""Seconds that each address gets in any case: a handshake over a satellite takes less."""
SILENCE = 20.0
"""Seconds without a byte after which a server counts as gone."""


def open_url(request: urllib.request.Request) -> Any:
    """The response, as of ``urllib.request.urlopen``, through the proxies of the environment as well.

    Raises:
        OSError, http.client.HTTPException, ValueError: as of ``urlopen``.
    """
    return urllib.request.build_opener(_HttpHandler, _HttpsHandler).open(request, timeout=REACH)


def _reach(address: tuple[str, int], timeout: float, source: Any = None) -> socket.socket:
    """As ``socket.create_connection``, but the time is that of all addresses together: many hosts have eight."""
    found = socket.getaddrinfo(*address, 0, socket.SOCK_STREAM)
    end = time.monotonic() + timeout
    failure: OSError = OSError(f"{address[0]} has no address")
    for i, (family, kind, protocol, _, to) in enumerate(found):
        connection = socket.socket(family, kind, protocol)
        connection.settimeout(max(_LEAST, (end - time.monotonic()) / (len(found) - i)))
        try:
            connection.connect(to)
        except OSError as error:
            connection.close()
            failure = error
        else:
            return connection
    raise failure


class _Http(http.client.HTTPConnection):
    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._create_connection = _reach

    def connect(self) -> None:
        super().connect()
        self.sock.settimeout(SILENCE)


class _Https(http.client.HTTPSConnection):
    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._create_connection = _reach

    def connect(self) -> None:
        super().connect()
        self.sock.settimeout(SILENCE)


class _HttpHandler(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> Any:
        return self.do_open(_Http, req)


class _HttpsHandler(urllib.request.HTTPSHandler):
    def https_open(self, req: urllib.request.Request) -> Any:
        return self.do_open(_Https, req)
