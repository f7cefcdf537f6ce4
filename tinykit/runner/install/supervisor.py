"""Keeps the runner running where there is no systemd: starts it again when it ends, later and later while it fails."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import IO

from tinykit.errors import DeviceError, DeviceMissing
from tinykit.runner.install.layout import Deployment, write_json

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
"""Seconds before a start after a failure; doubled with each."""

_HEALTHY = 30.0
"""Seconds after which a runner counts as one that works, and the next failure as a first one."""

_LARGEST_LOG = 1 << 20  # bytes
_STOP_SECONDS = 10.0
_LOOK_SECONDS = 1.0


def supervise(place: Deployment) -> int:
    """Run the release in service until SIGTERM; the exit status.

    The lock in ``run`` is held as long as this process lives, however it ends, and has its pid in it.
    The runner has the read end of a pipe as its standard input: when this process is killed, it ends as well.

    Raises:
        DeviceMissing: another supervisor has it.
    """
    place.run.mkdir(parents=True, exist_ok=True)
    with _lock_file(place).open("r+") as lock:
        until = time.monotonic() + _LOOK_SECONDS
        while not _locked(lock):
            if time.monotonic() >= until:  # longer than ``SupervisorService.pid`` holds it
                raise DeviceMissing("it is supervised already", where=place.name)
            time.sleep(0.05)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # the ssh session that started it ends
        _keep_running(place)
    return 0


def _keep_running(place: Deployment) -> None:
    ended = False
    process: subprocess.Popen[bytes] | None = None

    def end(number: int, frame: FrameType | None) -> None:
        nonlocal ended
        ended = True
        if process is not None:
            process.terminate()

    signal.signal(signal.SIGTERM, end)
    restarts, pause = 0, _FIRST_PAUSE
    while not ended:
        started = time.monotonic()
        with _log(place) as log:
            process = subprocess.Popen(
                [*place.serve_command(), "--leash"], stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT
            )
            if ended:  # the signal came while it was being started
                process.terminate()
            try:
                status = process.wait()
            finally:
                assert process.stdin is not None
                process.stdin.close()
        if ended:
            return
        restarts += 1
        if time.monotonic() - started >= _HEALTHY:
            pause = _FIRST_PAUSE
        write_json(place.run / "supervisor.json", {"restarts": restarts, "last_status": status, "pause": pause})
        until = time.monotonic() + pause
        while not ended and time.monotonic() < until:
            time.sleep(min(0.1, pause))
        pause = min(2 * pause, _LONGEST_PAUSE)


def _locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _lock_file(place: Deployment) -> Path:
    path = place.run / "supervisor.lock"
    path.touch()
    return path


def _log(place: Deployment) -> IO[bytes]:
    """The log, opened for appending; a large one becomes log.1."""
    path = place.run / "log"
    with contextlib.suppress(OSError):
        if path.stat().st_size > _LARGEST_LOG:
            path.replace(path.with_name("log.1"))
    return path.open("ab")


class SupervisorService:
    """The supervisor as something that can be started and stopped."""

    kind = "supervisor"
    note: str | None = "there is no systemd: after a restart of the board, `tinykit deploy --restart` starts it again"

    def __init__(self, place: Deployment) -> None:
        self._place = place

    def start(self) -> None:
        """Start it in a session of its own: it outlives ours."""
        # The release's own path: Python reads a zip file again whenever it imports, and ``current`` changes.
        runner = str((self._place.root / "current" / "runner.pyz").resolve())
        base = str(self._place.base)
        with (self._place.run / "log").open("ab") as log:
            subprocess.Popen(
                [sys.executable, runner, "supervise", base, self._place.name],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True, cwd="/",
            )  # fmt: skip

    def stop(self) -> None:
        """End supervisor and runner, and wait until they are gone.

        Raises:
            DeviceError: it does not end.
        """
        pid = self.pid()
        deadline = time.monotonic() + _STOP_SECONDS
        while pid is not None:
            late = time.monotonic() >= deadline
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL if late else signal.SIGTERM)
            if time.monotonic() >= deadline + _STOP_SECONDS:
                raise DeviceError("the runner's supervisor does not end", where=f"process {pid}")
            time.sleep(0.1)
            pid = self.pid()

    def remove(self) -> None:
        self.stop()

    def pid(self) -> int | None:
        """Of the supervisor that runs; None: none does."""
        until = time.monotonic() + _LOOK_SECONDS
        while True:
            try:
                with (self._place.run / "supervisor.lock").open("r+") as lock:
                    if _locked(lock):
                        return None
                    text = lock.read().strip()
            except OSError:
                return None
            if text.isdigit() or time.monotonic() >= until:
                return int(text) if text.isdigit() else None
            time.sleep(0.05)  # it has just started, and is about to write

    def state(self) -> dict[str, object]:
        """For a status: whether it runs, and how often it had to start the runner again."""
        facts: dict[str, object] = {"running": self.pid() is not None, "restarts": 0}
        with contextlib.suppress(OSError, ValueError):
            facts.update(json.loads((self._place.run / "supervisor.json").read_text(encoding="utf-8")))
        return facts
