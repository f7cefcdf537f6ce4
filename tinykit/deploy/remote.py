"""A Linux board as seen from here: what it is, what files it has, and commands to the runner there."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import shlex
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinykit.emulate.ssh_port import SshTarget
from tinykit.errors import DeviceDied, DeviceError, DeviceMissing, ToolMissing
from tinykit.link.stream import SocketStream
from tinykit.process import ChildProcess
from tinykit.runner.error_json import decoded
from tinykit.runner.install.venv import WHOLE_FILE

_PATIENCE = 1.0
"""Seconds between looks at a command's output."""

Say = Callable[[str], None]

# Plain enough for any Python 3: it has to say that it is too old.
_PROBE = """
import hashlib, json, os, platform, struct, sys
b = os.environ.get("XDG_DATA_HOME", "")
b = os.path.join(b if os.path.isabs(b) else os.path.join(os.path.expanduser("~"), ".local", "share"), "tinykit")
def names(d):
    p = os.path.join(b, d)
    return [n for n in (os.listdir(p) if os.path.isdir(p) else []) if n[0] != "."]
def whole(n):
    h = hashlib.sha256()
    try:
        with open(os.path.join(b, "blobs", n), "rb") as f:
            for c in iter(lambda: f.read(65536), b""):
                h.update(c)
    except (IOError, OSError):
        return False
    return h.hexdigest() == n
print(json.dumps({"machine": platform.machine(), "bits": struct.calcsize("P") * 8, "system": platform.system(),
    "python": list(sys.version_info[:3]), "base": b, "deployments": names("deployments"),
    "blobs": [n for n in names("blobs") if whole(n)],
    "venvs": [n for n in names("venvs") if os.path.exists(os.path.join(b, "venvs", n, "WHOLE"))]}))
""".replace("WHOLE", WHOLE_FILE)

# A file gets its name only when it is whole.
_STORE = """
import hashlib, os, sys
d, n = os.path.join({base!r}, "blobs"), {name!r}
os.makedirs(d, exist_ok=True)
t = os.path.join(d, "." + n + "." + str(os.getpid()))
try:
    h = hashlib.sha256()
    with open(t, "wb") as f:
        for c in iter(lambda: sys.stdin.buffer.read(65536), b""):
            f.write(c); h.update(c)
        f.flush(); os.fsync(f.fileno())
    if h.hexdigest() != n:
        sys.exit("what arrived is not what was sent")
    os.rename(t, os.path.join(d, n))
except OSError as e:
    sys.exit(str(e))
finally:
    if os.path.exists(t):
        os.unlink(t)
"""

OLDEST_PYTHON = (3, 10)


@dataclass(frozen=True)
class Machine:
    """What a board says of itself.

    Attributes:
        machine: as `uname -m` has it, of the kernel; ``bits`` is of the programs.
        base: where deployments are.
        blobs: names of those that are there and are what their names say; damaged ones are copied again.
        venvs: names of those that were finished and that nobody found damaged.
        deployments: their names.
    """

    machine: str
    bits: int
    python: tuple[int, ...]
    base: str
    blobs: frozenset[str]
    venvs: frozenset[str]
    deployments: frozenset[str]


class Remote:
    """A board over ssh.

    Args:
        url: ``ssh://[user@]host[:port]``.

    Raises:
        InputError: it is no such URL.
    """

    def __init__(self, url: str) -> None:
        self.target = SshTarget.parse(url)

    def probe(self) -> Machine:
        """Look at the board.

        Raises:
            ToolMissing: ssh is not installed here, or there is no Python, or too old a one, there.
            DeviceMissing: the board cannot be reached.
        """
        run = self.target.run(f"python3 -c {shlex.quote(_PROBE)}")
        try:
            value = json.loads(run.stdout.decode().strip().splitlines()[-1])
            machine = Machine(
                str(value["machine"]), int(value["bits"]), tuple(value["python"]), str(value["base"]),
                frozenset(value["blobs"]), frozenset(value["venvs"]), frozenset(value["deployments"]),
            )  # fmt: skip
        except (ValueError, KeyError, IndexError, TypeError):
            said = run.stderr.decode(errors="replace").strip()
            raise ToolMissing(
                "the board has no Python 3",
                where=self.target.host,
                why=said.splitlines()[-1] if said else None,
                hint="on the board: sudo apt-get install -y python3 python3-venv",
            ) from None
        if machine.python[:2] < OLDEST_PYTHON or value["system"] != "Linux":
            raise ToolMissing(
                f"the board has {value['system']} and Python {'.'.join(map(str, machine.python))}",
                where=self.target.host,
                why=f"the runner needs Linux and Python {'.'.join(map(str, OLDEST_PYTHON))}",
                hint="install a newer system, Raspberry Pi OS from 2023-10 (bookworm) on for example",
            )
        return machine

    def store(self, machine: Machine, data: bytes) -> bool:
        """Copy a file, unless the board has it.

        Returns:
            Whether it was copied.

        Raises:
            DeviceError: it did not arrive whole; nothing of it is left.
            DeviceMissing: the board cannot be reached any more.
        """
        name = hashlib.sha256(data).hexdigest()
        if name in machine.blobs:
            return False
        self._put(machine, name, data)
        return True

    def _put(self, machine: Machine, name: str, data: bytes) -> None:
        program = _STORE.format(base=machine.base, name=name)
        run = self.target.run(f"python3 -c {shlex.quote(program)}", stdin=data, timeout=1800.0)
        if run.returncode != 0:
            raise DeviceError(
                "a file was not stored on the board",
                where=self.target.host,
                why=run.stderr.decode(errors="replace").strip(),
                hint="check the free space there (`df -h`)",
            )

    def call(self, runner: str, verb: str, request: Mapping[str, Any], say: Say | None = None) -> dict[str, Any]:
        """Have the runner on the board change or tell something.

        When this is interrupted, or the line breaks, the board undoes what it had begun.

        Args:
            runner: path of its file on the board.
            say: told what it is doing.

        Raises:
            TinykitError: what the runner says went wrong.
            DeviceMissing: the line broke.
        """
        remote = f"python3 {shlex.quote(runner)} target {verb}"
        ours, theirs = socket.socketpair()
        with contextlib.ExitStack() as resources:
            stream = SocketStream(ours, self.target.host)
            resources.callback(stream.close)
            with theirs:
                process = ChildProcess(self.target.command(remote), stdio=theirs.fileno())
            resources.callback(process.stop)
            try:
                stream.write(json.dumps(request).encode() + b"\n")
                return self._listen(stream, say)
            except DeviceDied:
                why = process.obituary()
                raise DeviceMissing(
                    "the connection to the board ended",
                    where=self.target.host,
                    why=why,
                    hint="what was begun is undone there; see `tinykit deploy --status`, then try again",
                ) from None

    def _listen(self, stream: SocketStream, say: Say | None) -> dict[str, Any]:
        pending = b""
        while True:
            pending += stream.read(_PATIENCE)
            *lines, pending = pending.split(b"\n")
            for line in lines:
                value = _json(line)
                if "result" in value:
                    result: dict[str, Any] = value["result"]
                    return result
                if "error" in value:
                    raise decoded(value)
                if say is not None and "progress" in value:
                    say(str(value["progress"]))


def environment_key(machine: Machine, requirements: tuple[str, ...]) -> str:
    """The name of the Python environment of these packages on this board, wherever they come from."""
    parts = [*requirements, machine.machine, *map(str, machine.python[:2])]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def read_wheels(folder: Path | None) -> dict[str, bytes]:
    """Wheels for a board without a network, by file name."""
    return {} if folder is None else {path.name: path.read_bytes() for path in sorted(folder.glob("*.whl"))}


def in_base64(data: bytes) -> str:
    """Bytes for JSON."""
    return base64.b64encode(data).decode()


def _json(line: bytes) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
