"""Offers a device to other programs through a line with faults: as a pseudo-terminal, or at a TCP port."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from tinykit.errors import DeviceMissing, InputError
from tinykit.link.faults.proxy import FaultProxy
from tinykit.link.faults.spec import KINDS, Faults
from tinykit.link.stream import ByteStream, FdStream, SocketStream

Ready = Callable[[str], None]
"""Called with the name of what is offered, once it is there."""
_ADDRESS = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+(?:%\w+)?)\]|(?P<host>[^:\[\]]*)):(?P<port>[0-9]{1,5})")
_STEP = 0.1
"""Seconds between looks at whether it is time to stop."""


@dataclass
class Tally:
    """What was done to the bytes of all connections: bytes and faults in each direction."""

    connections: int = 0
    bytes: Counter[str] = field(default_factory=Counter)
    faults: dict[str, Counter[str]] = field(default_factory=lambda: {"to_device": Counter(), "to_host": Counter()})

    def add(self, proxy: FaultProxy) -> None:
        self.connections += 1
        for name, lane in (("to_device", proxy.to_device), ("to_host", proxy.to_host)):
            self.bytes[name] += lane.bytes
            self.faults[name] += lane.counts

    def to_json(self) -> dict[str, Any]:
        return {
            "connections": self.connections,
            **{
                name: {"bytes": self.bytes[name], **{kind: counts[kind] for kind in KINDS}}
                for name, counts in self.faults.items()
            },
        }

    def lines(self) -> list[str]:
        """For people: a line for each direction."""
        return [
            f"{name.replace('_', ' ')}: {self.bytes[name]:,} bytes, "
            + (", ".join(f"{kind} {counts[kind]:,}" for kind in KINDS if counts[kind]) or "no fault")
            for name, counts in self.faults.items()
        ]


def serve_terminal(device: ByteStream, faults: Faults, ready: Ready, tally: Tally, seconds: float | None) -> None:
    """Offer a pseudo-terminal until ``seconds`` have passed, or the line is cut.

    Raises:
        DeviceMissing: this system has no pseudo-terminals.
        DeviceDied: the device is gone.
    """
    with _pseudo_terminal() as (name, host):
        ready(name)
        _carry(device, host, faults, tally, seconds)


def serve_socket(
    device: ByteStream, address: str, faults: Faults, ready: Ready, tally: Tally, seconds: float | None
) -> None:
    """Offer ``HOST:PORT`` to one program after the other, until ``seconds`` have passed; a line that is cut ends only
    its connection. Each connection has faults of its own: the seed counts up.

    Raises:
        InputError: it is no address, or cannot be listened at.
        DeviceDied: the device is gone.
    """
    end = None if seconds is None else time.monotonic() + seconds
    with _listening(address) as server:
        ready(f"socket://{_named(server.getsockname())}")
        while (connection := _accept(server, end)) is not None:
            left = None if end is None else max(0.0, end - time.monotonic())
            with contextlib.closing(connection):
                _carry(device, connection, replace(faults, seed=faults.seed + tally.connections), tally, left)


def _carry(device: ByteStream, host: ByteStream, faults: Faults, tally: Tally, seconds: float | None) -> None:
    proxy = FaultProxy(device, host, faults)
    try:
        end, error = proxy.run(seconds)
    finally:
        tally.add(proxy)
    if end == "device" and error is not None:
        raise error


@contextlib.contextmanager
def _pseudo_terminal() -> Iterator[tuple[str, ByteStream]]:
    """A serial port for other programs: its name, and our end of it."""
    try:
        import pty
        import tty
    except ImportError:
        raise DeviceMissing(
            "this system has no pseudo-terminals", hint="offer a TCP port instead: --listen 127.0.0.1:4000"
        ) from None
    ours, theirs = pty.openpty()
    try:
        tty.setraw(theirs)
        name = os.ttyname(theirs)
        with contextlib.closing(FdStream(ours, name)) as stream:
            yield name, stream
    finally:
        os.close(theirs)  # kept open until now: programs may come and go


def _listening(address: str) -> socket.socket:
    match = _ADDRESS.fullmatch(address)
    if match is None or int(match["port"]) > 65535:
        raise InputError(f"{address!r} is no address", hint="write it like 127.0.0.1:4000 or [::1]:4000")
    family = socket.AF_INET if match["v6"] is None else socket.AF_INET6
    try:
        return socket.create_server((match["v6"] or match["host"] or "127.0.0.1", int(match["port"])), family=family)
    except OSError as error:
        raise InputError("cannot listen", where=address, why=_reason(error)) from None


def _reason(error: OSError) -> str:
    """In words: create_server puts the address into the text, and getaddrinfo has numbers of its own."""
    known = error.errno is not None and error.errno > 0
    return os.strerror(error.errno) if known and error.errno is not None else error.strerror or str(error)


def _named(address: Any) -> str:
    """HOST:PORT, as a URL takes it: an address of IPv6 is in brackets."""
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _accept(server: socket.socket, end: float | None) -> ByteStream | None:
    """The next program that connects; None when it is time to stop."""
    server.settimeout(_STEP)  # Ctrl-C has to come through on Windows, too
    while end is None or time.monotonic() < end:
        try:
            connection, peer = server.accept()
        except TimeoutError:
            continue
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # transfers stay what the lane made of them
        return SocketStream(connection, _named(peer))
    return None
