"""The runner itself: one model, and everybody who comes over TCP or the serial port."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import sys
import threading
import time
from pathlib import Path

from tinykit.errors import DeviceDied, DeviceMissing, TinykitError
from tinykit.link.receiver import Receiver
from tinykit.link.stream import ByteStream, FdStream
from tinykit.runner.agent import Agent, Closed
from tinykit.runner.description import Description
from tinykit.runner.engines import Engine, open_engine
from tinykit.runner.engines.base import COUNTER_HZ
from tinykit.runner.error_json import encoded
from tinykit.runner.line import ClientLine
from tinykit.runner.listen import listen
from tinykit.runner.release import Release, load_release

STATUS_FILE = "status.json"
_ATTENTION = 0.5
"""Seconds between looks whether a line that is silent is still there."""


class Runner:
    """A release in service.

    Args:
        folder: of the release.
        runner: the file that is this program.
        status: where to write what it is doing; None: nowhere.

    Raises:
        TinykitError: the engine cannot be opened.
    """

    def __init__(self, folder: Path, runner: Path, status: Path | None) -> None:
        self._folder = folder
        self._runner = runner
        self._status = status
        self.release: Release = load_release(folder)
        self._lock = threading.Lock()
        self._lines: list[ByteStream] = []
        self._agent = self._start()

    def serve(self) -> None:
        """Answer until the process is ended.

        Raises:
            DeviceMissing: the address or the serial port cannot be used.
        """
        release = self.release
        with contextlib.ExitStack() as resources:
            listener = resources.enter_context(_listen(release))
            if release.serial is not None:
                stream = open_serial_line(release.serial, release.baud)
                resources.callback(stream.close)
                threading.Thread(target=self._attend, args=(stream, lambda: False, True), daemon=True).start()
            self._report({"state": "serving", "address": release.address})
            while True:
                connection, peer = listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                line = ClientLine(connection, f"{peer[0]}:{peer[1]}")
                threading.Thread(target=self._attend, args=(line, line.closed), daemon=True).start()

    def _start(self) -> Agent:
        """A device that has just started: its own nonce, inputs of zeros, no session."""
        engine = open_engine(self._folder, self.release, self._runner)
        self._notes = engine.notes
        self._agent = Agent(
            engine, self._describe, build_id=self.release.build_id, boot_nonce=secrets.randbits(32),
            max_payload=self.release.max_payload,
        )  # fmt: skip
        return self._agent

    def _describe(self, engine: Engine) -> Description:
        release = self.release
        return Description(
            release.board, release.model_name, release.model_sha256, engine.name, engine.n_layers, engine.arena_bytes,
            COUNTER_HZ,
        )  # fmt: skip

    def _attend(self, line: ByteStream, closed: Closed, vital: bool = False) -> None:
        """Answer what comes over one line until it ends; of a ``vital`` one that ends the process."""
        receiver = Receiver(line)
        try:
            with self._lock:
                self._lines.append(line)
                line.write(self._agent.banner())
            while True:
                frame = receiver.next_frame(time.monotonic() + _ATTENTION)
                if frame is None:
                    continue
                with self._lock:
                    if self._agent.handle(frame, line.write, closed):
                        self._restart()
        except DeviceDied as error:
            if vital:  # a serial port that went away; a new process opens it again when it is back
                self._give_up(error)
        except TinykitError as error:
            self._give_up(error)  # the model cannot run any more
        finally:
            with self._lock:
                self._lines = [other for other in self._lines if other is not line]
            line.close()

    def _give_up(self, error: TinykitError) -> None:
        """End the process; whoever started it starts it again, which may help."""
        self._report({"state": "failed", **encoded(error)})
        print(f"error: {error.render()}", file=sys.stderr, flush=True)
        os._exit(error.exit_code)

    def _restart(self) -> None:
        self._agent = self._start()
        for line in self._lines:
            with contextlib.suppress(DeviceDied):
                line.write(self._agent.banner())

    def _report(self, value: dict[str, object]) -> None:
        if self._status is None:
            return
        write_status(
            self._status, {"build_id": self.release.build_id, "pid": os.getpid(), "notes": self._notes, **value}
        )


def write_status(path: Path, value: dict[str, object]) -> None:
    """Replace a file of JSON, so that nobody reads half of it."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(json.dumps(value) + "\n", encoding="utf-8")
    temporary.replace(path)


def _listen(release: Release) -> socket.socket:
    try:
        return listen(release.listen, release.port)
    except OSError as error:
        raise DeviceMissing(
            "cannot listen there",
            where=release.address,
            why=error.strerror or str(error),
            hint="deploy with another --listen-port",
        ) from None


def open_serial_line(path: str, baud: int) -> FdStream:
    """A serial port without a terminal's habits: 8 data bits, no parity, no flow control, every byte as it is.

    Raises:
        DeviceMissing: it is not there, may not be opened, or does not know that rate.
    """
    import termios
    import tty

    speed: int | None = getattr(termios, f"B{baud}", None)
    why = f"no rate of {baud} bit/s"
    with contextlib.ExitStack() as closing:
        try:
            if speed is None:
                raise OSError(0, why)
            fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
            closing.callback(os.close, fd)
            tty.setraw(fd)
            settings = termios.tcgetattr(fd)
            settings[2] = settings[2] & ~termios.CSTOPB & ~termios.PARENB | termios.CLOCAL | termios.CREAD
            settings[4] = settings[5] = speed
            termios.tcsetattr(fd, termios.TCSANOW, settings)
        except (OSError, termios.error) as error:
            said = error.args[1] if len(error.args) > 1 else str(error)
            raise DeviceMissing(
                "cannot open the serial port",
                where=path,
                why=str(said),
                hint="enable the port in raspi-config (without a login shell), and be in the group dialout",
            ) from None
        closing.pop_all()
    return FdStream(fd, path)


def run(folder: Path, runner: Path, status: Path | None) -> int:
    """Serve the release in ``folder`` until the end; the exit status.

    What went wrong is in the status file, too, where whoever started this process finds it.
    """
    try:
        Runner(folder, runner, status).serve()
    except TinykitError as error:
        if status is not None:
            write_status(status, {"state": "failed", "pid": os.getpid(), **encoded(error)})
        print(f"error: {error.render()}", file=sys.stderr, flush=True)
        return error.exit_code
    return 0
