"""A client's connection, as the runner has it."""

from __future__ import annotations

import select
import socket

from tinykit.link.stream import SocketStream

_WRITE_SECONDS = 2.0
"""A client that reads nothing keeps the others waiting no longer than this. Answers are a few kilobytes."""


class ClientLine(SocketStream):
    """The runner's end of a client's connection."""

    def __init__(self, connection: socket.socket, description: str) -> None:
        super().__init__(connection, description, write_timeout=_WRITE_SECONDS)
        # Registered once: this is asked between inferences, some of which take microseconds.
        self._poll = select.poll()
        self._poll.register(connection, select.POLLRDHUP)

    def closed(self) -> bool:
        """Whether the client has closed it, also when bytes from before that are still to be read."""
        return bool(self._poll.poll(0))
