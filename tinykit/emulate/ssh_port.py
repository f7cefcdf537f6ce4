"""A Linux board over ssh: the firmware is a program there, standard input and output are its serial line."""

from __future__ import annotations

import contextlib
import os
import shlex
import socket
import subprocess
from dataclasses import dataclass
from types import TracebackType
from urllib.parse import urlsplit

from tinykit.board import Board
from tinykit.board.tools import require_tool
from tinykit.emulate.base import ProcessStream
from tinykit.errors import DeviceMissing, InputError
from tinykit.link.stream import ByteStream, SocketStream
from tinykit.process import ChildProcess

SSH_SCHEME = "ssh://"
_CONNECT_TIMEOUT = 10
"""Seconds."""

_SSH_FAILED = 255
"""ssh's own exit code, as opposed to the remote command's (ssh(1), EXIT STATUS)."""


@dataclass(frozen=True)
class SshTarget:
    """A host that ssh can log into without asking: by key or agent."""

    host: str
    user: str | None = None
    port: int | None = None

    @classmethod
    def parse(cls, url: str) -> SshTarget:
        """The target of ``ssh://[user@]host[:port]``.

        Raises:
            InputError: it is no such URL.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            parts, port = None, None
        # A host that starts with "-" would be an option of ssh.
        good = parts is not None and parts.hostname and not parts.hostname.startswith("-") and not parts.path.strip("/")
        if parts is None or not good or parts.password or (parts.username or "").startswith("-"):
            raise InputError("wrong ssh address", where=url, hint="write it as ssh://user@host or ssh://user@host:port")
        # urlsplit makes it lower case, which a Host of ~/.ssh/config need not be.
        lower = parts.hostname or ""
        at = parts.netloc.lower().rindex(lower)
        return cls(parts.netloc[at : at + len(lower)], parts.username, port)

    def command(self, remote: str) -> list[str]:
        """ssh's command line that runs ``remote`` there. $TINYKIT_SSH replaces the program ``ssh``, with arguments.

        Raises:
            ToolMissing: ssh is not installed.
        """
        return [*self._program(), "-T", *self._where(), remote]

    def tunnel(self, host: str, port: int) -> list[str]:
        """ssh's command line that connects its standard input and output with a port that is seen from there.

        Raises:
            ToolMissing: ssh is not installed.
        """
        return [*self._program(), "-W", f"[{host}]:{port}" if ":" in host else f"{host}:{port}", *self._where()]

    def _program(self) -> list[str]:
        program = shlex.split(os.environ.get("TINYKIT_SSH", "")) or ["ssh"]
        return [
            require_tool(program[0]), *program[1:], "-o", "BatchMode=yes", "-o", f"ConnectTimeout={_CONNECT_TIMEOUT}",
        ]  # fmt: skip

    def _where(self) -> list[str]:
        return [*(["-p", str(self.port)] if self.port else []), f"{self.user}@{self.host}" if self.user else self.host]

    def run(self, remote: str, stdin: bytes = b"", timeout: float = 120.0) -> subprocess.CompletedProcess[bytes]:
        """Run ``remote`` there and wait for it.

        Raises:
            ToolMissing: ssh is not installed.
            DeviceMissing: the host cannot be reached or does not let us in.
        """
        try:
            run = subprocess.run(self.command(remote), input=stdin, capture_output=True, timeout=timeout, check=False)
        except subprocess.TimeoutExpired:
            raise DeviceMissing(
                "the board does not answer over ssh", where=self.host, why=f"no end after {timeout:.0f} s"
            ) from None
        if run.returncode == _SSH_FAILED:
            raise self.unreachable(run.stderr.decode(errors="replace"))
        return run

    def unreachable(self, said: str) -> DeviceMissing:
        """The error for what ssh said when it could not connect."""
        why = said.strip().splitlines()[-1] if said.strip() else "ssh did not connect"
        if "ermission denied" in said:
            hint = f"let your key in with `ssh-copy-id {self.user + '@' if self.user else ''}{self.host}`"
        elif "Host key verification failed" in said:
            hint = "log in once by hand to confirm the host's key"
        else:
            hint = "check the name, that the board is on, and that `ssh` to it works"
        return DeviceMissing("cannot reach the board over ssh", where=self.host, why=why, hint=hint)


def remote_program(board: Board) -> str:
    """Where the board's firmware lies on its own disk, relative to the home directory."""
    return f".cache/tinykit/{board.name}/firmware"


class _SshStream:
    """A command of ssh whose standard input and output are the line."""

    def __init__(self, board: Board, target: SshTarget) -> None:
        self._board = board
        self._target = target
        self._resources = contextlib.ExitStack()

    def _open(self, command: list[str], hint: str) -> ByteStream:
        with contextlib.ExitStack() as resources:
            ours, theirs = socket.socketpair()
            resources.callback(ours.close)
            with theirs:
                process = ChildProcess(command, stdio=theirs.fileno())
            resources.callback(process.stop)
            description = f"{self._board.name} at {self._target.host}"
            line = SocketStream(ours, description)
            stream = ProcessStream(line, process, description, hint=hint)
            self._resources = resources.pop_all()
        return stream

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._resources.close()


class SshPort(_SshStream):
    """The firmware that was flashed before, running on its board.

    Raises:
        ToolMissing: ssh is not installed (on entry).
        InputError: ``url`` is not an ssh address.
    """

    def __init__(self, board: Board, url: str) -> None:
        super().__init__(board, SshTarget.parse(url))

    def __enter__(self) -> ByteStream:
        hint = "start it by hand on the board to see more"
        return self._open(self._target.command(_start(remote_program(self._board))), hint)


class RunnerPort(_SshStream):
    """The runner that was deployed before, through ssh: it listens on its board's own address alone.

    Args:
        listen, port: where it listens.

    Raises:
        ToolMissing: ssh is not installed (on entry).
        InputError: ``url`` is not an ssh address.
    """

    def __init__(self, board: Board, url: str, listen: str, port: int) -> None:
        super().__init__(board, SshTarget.parse(url))
        self._listen = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(listen, listen)
        self._port = port

    def __enter__(self) -> ByteStream:
        hint = "see `tinykit deploy --status`: is it deployed, and does it run?"
        return self._open(self._target.tunnel(self._listen, self._port), hint)


def _start(program: str) -> str:
    quoted = shlex.quote(program)
    return f"test -x {quoted} || {{ echo 'not flashed yet: run tinykit flash' >&2; exit 127; }}; exec {quoted}"
