"""A real sshd on the loopback interface, in front of a stand-in for an aarch64 board.

The board's kernel would run an aarch64 program itself. Here the server's forced command does instead: it runs what
was asked for in a folder of its own, and programs that are started with ``exec`` in QEMU's user-mode emulation.
"""

from __future__ import annotations

import contextlib
import getpass
import shlex
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tinykit.process import ChildProcess

_SSHD = "/usr/sbin/sshd"
_FORCED = """#!/bin/sh
cd {home} || exit 1
echo "$SSH_ORIGINAL_COMMAND" >> {log}
export TK_LAUNCHER={qemu}
eval "$(printf %s "$SSH_ORIGINAL_COMMAND" | sed 's#; exec #; exec {qemu} #')"
"""


@dataclass(frozen=True)
class Server:
    """A running sshd.

    Attributes:
        url: for --port.
        home: what the board takes for its home directory.
        log: the commands it was asked to run, one a line.
        ssh: the client's command line, for $TINYKIT_SSH.
    """

    url: str
    home: Path
    log: Path
    ssh: str

    def commands(self) -> list[str]:
        """What it was asked to run so far."""
        return self.log.read_text().splitlines() if self.log.exists() else []


_PLAIN = """#!/bin/sh
HOME={home} PATH={path}
export HOME PATH
unset XDG_DATA_HOME
cd || exit 1
echo "$SSH_ORIGINAL_COMMAND" >> {log}
exec sh -c "$SSH_ORIGINAL_COMMAND"
"""


@contextlib.contextmanager
def aarch64_board(folder: Path) -> Iterator[Server]:
    """Start the server with keys of its own; skips the test when a part is missing."""
    qemu = shutil.which("qemu-aarch64-static")
    if qemu is None:
        pytest.skip("qemu-user-static is not installed")
    with _sshd(folder, _FORCED.replace("{qemu}", qemu)) as server:
        yield server


@contextlib.contextmanager
def linux_board(folder: Path, path: str = "/usr/local/bin:/usr/bin:/bin") -> Iterator[Server]:
    """This computer as a board of its own: a home directory of its own, the programs in ``path``, no tinykit."""
    with _sshd(folder, _PLAIN.replace("{path}", shlex.quote(path))) as server:
        yield server


@contextlib.contextmanager
def _sshd(folder: Path, script: str) -> Iterator[Server]:
    if not Path(_SSHD).exists() or shutil.which("ssh") is None:
        pytest.skip("openssh-server or openssh-client is not installed")
    home, log = folder / "home", folder / "commands.log"
    home.mkdir()
    for name in ("host_key", "user_key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    forced = folder / "forced.sh"
    forced.write_text(script.format(home=shlex.quote(str(home)), log=shlex.quote(str(log))))
    forced.chmod(0o755)
    port = _free_port()
    (folder / "sshd_config").write_text(
        f"ListenAddress 127.0.0.1\nPort {port}\nHostKey {folder}/host_key\nAuthorizedKeysFile {folder}/user_key.pub\n"
        f"StrictModes no\nUsePAM no\nPasswordAuthentication no\nPidFile none\nForceCommand {forced}\n"
    )
    Path("/run/sshd").mkdir(exist_ok=True)
    server = ChildProcess([_SSHD, "-D", "-e", "-f", str(folder / "sshd_config")])
    try:
        _wait_for(port)
        ssh = (
            f"ssh -F none -i {folder}/user_key -o IdentitiesOnly=yes -o StrictHostKeyChecking=accept-new "
            f"-o UserKnownHostsFile={folder}/known_hosts"
        )
        yield Server(f"ssh://{getpass.getuser()}@127.0.0.1:{port}", home, log, ssh)
    finally:
        server.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    pytest.fail("sshd did not start")
