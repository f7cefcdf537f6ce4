"""Where a runner listens."""

from __future__ import annotations

import socket


def listen(address: str, port: int) -> socket.socket:
    """A socket that listens on an IPv4 or IPv6 address; "::" is all addresses of both kinds.

    Raises:
        OSError: this machine has no such address, or the port is taken.
    """
    if ":" not in address:
        return socket.create_server((address, port))
    both = address == "::" and socket.has_dualstack_ipv6()
    return socket.create_server((address, port), family=socket.AF_INET6, dualstack_ipv6=both)
