"""Whether a release works: alone before it is put into service, and over the link when it is."""

from __future__ import annotations

import base64
import json
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tinykit.errors import DeployFailed, DeviceDied, DeviceError, DeviceMissing, TinykitError
from tinykit.link.client import Client
from tinykit.link.frames import Command
from tinykit.link.info import parse_identity
from tinykit.link.receiver import Receiver
from tinykit.link.stream import SocketStream
from tinykit.runner.error_json import decoded
from tinykit.runner.install.layout import Deployment
from tinykit.runner.release import RUNNER_FILE, Release

_ALONE_SECONDS = 120.0
_ANSWER_SECONDS = 60.0
"""Until a runner answers: importing LiteRT takes a Raspberry Pi Zero 2 several seconds, an Edge TPU some more."""

_FAILED_SECONDS = 4.0
"""How long a runner that said why it ended is given to do better: it is started again meanwhile."""

_PAUSE = 0.2


def run_alone(folder: Path, inputs: Sequence[bytes]) -> tuple[tuple[bytes, ...], tuple[str, ...]]:
    """One inference of a release in a process of its own: the outputs, and notes of the engine.

    Args:
        inputs: one for each input; empty for zeros.

    Raises:
        TinykitError: whatever keeps the release from running.
    """
    command = [str(folder / "venv/bin/python"), str(folder / RUNNER_FILE), "infer", str(folder)]
    given = json.dumps([base64.b64encode(data).decode() for data in inputs])
    try:
        run = subprocess.run(command, input=given, capture_output=True, text=True, timeout=_ALONE_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise DeployFailed("the first inference does not end", why=f"not in {_ALONE_SECONDS:.0f} s") from None
    try:
        value = json.loads(run.stdout.strip().splitlines()[-1])
        if "error" in value:
            raise decoded(value)
        return tuple(base64.b64decode(data) for data in value["outputs"]), tuple(value["notes"])
    except (ValueError, KeyError, IndexError):
        last = run.stderr.strip().splitlines()
        raise DeployFailed(
            "the runner does not run on the board",
            why=f"status {run.returncode}" + (f": {last[-1]}" if last else ""),
        ) from None


def wait_until_well(
    place: Deployment, release: Release, inputs: Sequence[bytes], expected: Sequence[bytes] | None,
    check: Callable[[], None],
) -> tuple[bytes, ...]:  # fmt: skip
    """Wait until this build answers over the link, and see that its first inference gives what is expected.

    Args:
        expected: None where that is not known.
        check: called now and then; may raise.

    Returns:
        The inference's outputs.

    Raises:
        DeployFailed: it does not answer, or answers otherwise.
    """
    started = time.monotonic()
    deadline = started + _ANSWER_SECONDS
    last: TinykitError = DeviceMissing("nobody listens")
    while True:
        check()
        try:
            outputs = _ask(release, inputs)
            break
        except (DeviceError, DeviceMissing) as error:
            last = error
        now = time.monotonic()
        if _why(place) is not None:
            deadline = min(deadline, now + _FAILED_SECONDS)
        if now >= deadline:
            raise DeployFailed(
                f"the runner does not answer as build {release.build_id[:12]} in {now - started:.0f} s",
                where=release.address,
                why=_why(place) or str(last.what),
            )
        time.sleep(_PAUSE)
    if expected is None:
        return outputs
    wrong = [index for index, (have, want) in enumerate(zip(outputs, expected, strict=True)) if have != want]
    if wrong:
        raise DeployFailed(
            f"the first inference over the link differs in output {wrong[0]} from the same release run by itself"
        )
    return outputs


def answers(release: Release, seconds: float) -> bool:
    """Whether the runner greets a new line with this build's banner. That takes nobody's session away."""
    try:
        connection = socket.create_connection((_near(release), release.port), timeout=seconds)
    except OSError:
        return False
    stream = SocketStream(connection, release.address)
    try:
        frame = Receiver(stream).next_frame(time.monotonic() + seconds)
        return (
            frame is not None
            and frame.command == Command.BANNER
            and parse_identity(frame.payload).build_id == release.build_id
        )
    except (DeviceError, ValueError):
        return False
    finally:
        stream.close()


def _near(release: Release) -> str:
    """Where the board itself reaches the runner."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(release.listen, release.listen)


def _ask(release: Release, inputs: Sequence[bytes]) -> tuple[bytes, ...]:
    try:
        connection = socket.create_connection((_near(release), release.port), timeout=2.0)
    except OSError as error:
        raise DeviceDied("nobody listens", why=error.strerror or str(error)) from None
    stream = SocketStream(connection, release.address)
    try:
        client = Client(stream, expected_build=release.build_id)
        info = client.connect(5.0)
        for index, data in enumerate(inputs):
            client.write_input(index, data)
        client.run()
        return tuple(client.read_output(index) for index in range(len(info.outputs)))
    finally:
        stream.close()


def _why(place: Deployment) -> str | None:
    """What the runner itself said last."""
    try:
        status = json.loads((place.run / "status.json").read_text(encoding="utf-8"))
        error = decoded(status)
    except (OSError, ValueError, KeyError):
        return None
    return error.what + (f" ({error.why})" if error.why else "")
