"""A child process that never outlives its parent, and whose last words are kept."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import IO
from weakref import WeakSet

_LEASH = Path(__file__).with_name("leash.py")
_STDERR_TAIL = 2000  # characters

_running: WeakSet[ChildProcess] = WeakSet()
_running_lock = threading.Lock()


class ChildProcess:
    """A started program. ``stop`` ends it for certain; if the parent dies first, the kernel ends it (Linux).

    Args:
        command: program and arguments.
        stdio: file descriptor that becomes standard input and output; none means /dev/null.
        stdin: file descriptor that becomes standard input alone.
        output: file descriptor that becomes standard output and standard error instead; then there are no last words.
        keep_output: what it writes to standard output is kept with its last words.
        pass_fds: further file descriptors that the child keeps.
        cwd, env: folder and environment; the parent's by default.

    Raises:
        OSError: the program cannot be started.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        stdio: int | None = None,
        stdin: int | None = None,
        output: int | None = None,
        keep_output: bool = False,
        pass_fds: Sequence[int] = (),
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.command = tuple(command)
        self._gathered = False
        self._errors: IO[bytes] = tempfile.TemporaryFile(prefix="tinykit-stderr-")  # noqa: SIM115 - closed in stop()
        channel = subprocess.DEVNULL if stdio is None else stdio
        kept = self._errors if keep_output else channel
        standard_output = kept if output is None else output
        try:
            # The kernel's signal comes when the *thread* that started the child ends, so one that lives as long as
            # the program starts them all.
            started = _launcher().submit(
                _start,
                list(command),
                stdin=channel if stdin is None else stdin,
                stdout=standard_output,
                stderr=self._errors if output is None else output,
                cwd=cwd,
                pass_fds=tuple(pass_fds),
                env=None if env is None else dict(env),
            )
            try:
                self._process = started.result()
            except (KeyboardInterrupt, SystemExit):  # it came while the program was being started
                started.add_done_callback(_end)
                raise
        except BaseException:
            self._errors.close()
            raise
        with _running_lock:
            _running.add(self)

    @property
    def pid(self) -> int:
        return self._process.pid

    def gather(self) -> None:
        """Put all its threads on one processor, until ``scatter``. (Linux; elsewhere nothing happens.)

        QEMU hands every serial byte from one thread to another. On one processor that takes a third of the time: 35 us
        instead of 110 us a byte, measured on MPS2. But another program may already keep that processor busy.
        """
        if not self._gathered:
            self._gathered = True
            self._allow({random.choice(sorted(_usable_cpus()))})

    def scatter(self) -> None:
        """Let its threads run anywhere again."""
        if self._gathered:
            self._gathered = False
            self._allow(_usable_cpus())

    def _allow(self, cpus: set[int]) -> None:
        if sys.platform.startswith("linux"):
            with contextlib.suppress(OSError):  # it is ending; whoever reads from it will notice
                for thread in Path(f"/proc/{self.pid}/task").iterdir():
                    os.sched_setaffinity(int(thread.name), cpus)

    def exit_status(self, timeout: float = 0.0) -> int | None:
        """The exit status (negative: the signal that killed it), or None while it runs."""
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None

    def last_words(self) -> str:
        """The end of what it wrote to standard error."""
        if self._errors.closed:
            return ""
        self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, self._errors.tell() - _STDERR_TAIL))
        return self._errors.read().decode(errors="replace").strip()

    def obituary(self) -> str:
        """Why it ended: exit status or signal, and its last words."""
        status = self.exit_status(timeout=1.0)
        if status is None:
            how = f"{self.command[0]} still runs but closed the line"
        elif status < 0:
            how = f"{self.command[0]} was ended by {_signal_name(-status)}"
        else:
            how = f"{self.command[0]} left with exit status {status}"
        words = self.last_words()
        return f"{how}\n{words}" if words else how

    def kill(self) -> None:
        """Kill it, unless it was seen to have ended; whoever waits for it or talks to it notices. From any thread."""
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def stop(self) -> None:
        """Kill it and wait until it is gone. May be called more than once."""
        with _running_lock:
            _running.discard(self)
        _kill(self._process)
        self._errors.close()


def kill_all() -> None:
    """Kill every program that was started as a ``ChildProcess`` and not stopped yet, whichever thread uses it."""
    with _running_lock:
        running = list(_running)
    for process in running:
        process.kill()


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        # Its whole session: nothing it started stays, either.
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _end(started: Future[subprocess.Popen[bytes]]) -> None:
    """Kill what nobody waits for any more."""
    if started.exception() is None:
        _kill(started.result())


def _usable_cpus() -> set[int]:
    return os.sched_getaffinity(0) if sys.platform.startswith("linux") else {0}


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


@lru_cache(maxsize=1)
def _launcher() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="tinykit-launcher")


def _start(
    command: list[str],
    *,
    stdin: int,
    stdout: int | IO[bytes],
    stderr: int | IO[bytes],
    cwd: Path | None,
    pass_fds: tuple[int, ...],
    env: dict[str, str] | None,
) -> subprocess.Popen[bytes]:
    """Start the program, on Linux as what ``leash.py`` becomes. It runs when this returns.

    Nothing here makes Python fork by hand (no ``preexec_fn``): threads of the parent's cannot harm the child.
    """

    def popen(line: Sequence[str], fds: tuple[int, ...]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            line,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            cwd=cwd,
            pass_fds=fds,
            env=env,
            # Ctrl-C reaches the parent alone, which then stops the child in its own order.
            start_new_session=True,
        )

    if not sys.platform.startswith("linux"):
        return popen(command, pass_fds)
    ours, theirs = os.pipe()
    try:
        try:
            leash = [sys.executable, "-I", "-S", str(_LEASH), str(os.getpid()), str(theirs)]
            process = popen([*leash, *command], (*pass_fds, theirs))
        finally:
            os.close(theirs)
        number = os.read(ours, 16)
    finally:
        os.close(ours)
    if number:
        process.wait()
        raise OSError(int(number), os.strerror(int(number)), command[0])
    return process
