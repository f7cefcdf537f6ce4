"""One user at a time on a serial port, from before it is opened until after it is closed.

pyserial locks a port while it is open. A bench also has to keep it in between: while a debugger flashes the board,
while its power is off, before the next attempt. So whoever uses a port holds a lock on a file that all tinykits on
this computer agree on, and the file says who that is.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tinykit.errors import DeviceMissing

_POLL = 0.1
_LONGEST_NAME = 300
_held: dict[str, int] = {}
"""Ports that this process holds, and how many times."""
_guard = threading.Lock()


def lock_dir() -> Path:
    """Where the locks are: $TINYKIT_LOCK_DIR, else a folder that all users of this computer share."""
    return Path(os.environ.get("TINYKIT_LOCK_DIR") or "/tmp/tinykit-locks")


@contextlib.contextmanager
def hold_port(
    port: str, user: str, *, alone: bool = False, wait: float = 0.0, pause: Callable[[float], object] = time.sleep
) -> Iterator[None]:
    """Hold a port for this process. What in this process opens the port meanwhile shares the lock.

    The lock ends with the process and leaves no file. (Windows opens a port for one program only and needs none.)

    Args:
        port: a device's name or a URL, not "usb:...".
        user: who holds it, for the message that others get.
        alone: refuse also where this process holds it already; what opens the port later still shares it.
        wait: seconds to wait for another holder.
        pause: waits a little between two tries; an error that it raises ends the waiting.

    Raises:
        DeviceMissing: it is held; the message says by whom.
    """
    key = os.path.realpath(port) if port.startswith("/") else port
    deadline = time.monotonic() + wait
    with _guard:
        nested = key in _held
        if nested and alone:
            raise _in_use(port)
        if nested:
            _held[key] += 1
    descriptor = None if nested else _acquire(key, port, user, deadline, pause)
    if not nested:
        with _guard:
            _held[key] = _held.get(key, 0) + 1
    try:
        yield
    finally:
        with _guard:
            _held[key] -= 1
            if _held[key] == 0:
                del _held[key]
        if descriptor is not None:
            with contextlib.suppress(OSError):
                _file(key).unlink()  # while it is locked: whoever waits for it sees that it is another file
            os.close(descriptor)


def holder_of(port: str) -> str | None:
    """Who holds a port, in words; None where nobody does."""
    try:
        text = _file(os.path.realpath(port) if port.startswith("/") else port).read_text("utf-8", "replace")
    except OSError:
        return None
    return re.sub(r"[^ -~]", "?", text[:_LONGEST_NAME]) or "another tinykit"


def _in_use(port: str) -> DeviceMissing:
    return DeviceMissing(
        "the port is in use",
        where=port,
        why=f"held by {holder_of(port) or 'another tinykit'}",
        hint="wait until it is done, or end it",
    )


def _file(key: str) -> Path:
    name = re.sub(r"[^A-Za-z0-9]+", "-", key).strip("-")[-40:]
    return lock_dir() / f"{name}-{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()[:12]}.lock"


def _acquire(key: str, port: str, user: str, deadline: float, pause: Callable[[float], object]) -> int | None:
    try:
        import fcntl
    except ImportError:
        return None
    path = _file(key)
    while True:
        descriptor = _open(path)
        if descriptor is None:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            if time.monotonic() >= deadline:
                raise _in_use(port) from None
            pause(_POLL)
            continue
        except OSError:
            os.close(descriptor)  # a file system without locks
            return None
        if _is_current(descriptor, path):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{user} (process {os.getpid()})".encode("utf-8", "replace"), 0)
            return descriptor
        os.close(descriptor)  # its holder removed it between our opening and locking it


def _open(path: Path) -> int | None:
    """The lock's file, made if needed so that every user may lock it; None where that is not possible."""
    for _ in range(5):
        try:
            if not path.parent.is_dir():
                path.parent.mkdir(exist_ok=True)
                path.parent.chmod(0o1777)
            # Without O_CREAT first: Linux lets nobody create over another user's file in a sticky folder.
            with contextlib.suppress(FileNotFoundError):
                return os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
            os.fchmod(descriptor, 0o666)
            return descriptor
        except FileExistsError:
            continue  # made by another in between
        except OSError:
            return None  # no folder to lock in: pyserial's own lock has to do
    return None


def _is_current(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except OSError:
        return False
