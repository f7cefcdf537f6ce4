"""A release onto a board and into service, back again, and away."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinykit.board import Board
from tinykit.deploy.first_inference import Expect, first_inputs
from tinykit.deploy.remote import Machine, Remote, Say, environment_key, in_base64, read_wheels
from tinykit.errors import InputError, WrongDevice
from tinykit.firmware import Image
from tinykit.runner.release import RELEASE_FILE, RUNNER_FILE, Release

_MACHINES = {"aarch64": ("aarch64", "arm64"), "armv6": ("armv6l", "armv7l")}
"""What `uname -m` says on boards of a core."""


@dataclass(frozen=True)
class Deployed:
    """What a deployment did.

    Attributes:
        changed: whether another release is in service now.
        copied: files, and bytes, that went over the line.
        previous: build id of the release that --rollback goes back to.
        service: what keeps it running: "systemd", "systemd --user" or "supervisor".
        first_inference: how its outputs compare with this computer's: "identical", "different", or None: not compared.
        notes: what a user should know.
    """

    release: Release
    changed: bool
    copied: tuple[int, int]
    previous: str | None
    service: str
    first_inference: str | None
    notes: tuple[str, ...]


def deploy(
    image: Image, url: str, *, wheels: Path | None = None, expect: Expect | None = None, say: Say | None = None
) -> Deployed:
    """Put a release onto the board and into service, unless it is in service already.

    Nothing changes before all of it is there and ran once by itself; if it does not work, what was in service before
    is again.

    Args:
        image: of a release (``render_release``).
        url: ``ssh://[user@]host[:port]``.
        wheels: a folder of wheels for a board without a network.
        expect: what the first inference should give. With engine "library" it must, with the others it is reported.

    Raises:
        TinykitError: it is not in service; says why, and what is.
    """
    release = image.release
    if release is None:
        raise InputError("not a release", where=str(image.project.root), hint="`tinykit deploy MODEL` makes one")
    remote = Remote(url)
    machine = remote.probe()
    _check_machine(image.board, machine, remote.target.host)
    packages = read_wheels(wheels)
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in packages.items()}
    key = environment_key(machine, release.requirements)
    if key in machine.venvs:
        packages = {}
    files = [(image.project.root / name).read_bytes() for name in release.files]
    copied = [len(data) for data in [*files, *packages.values()] if _store(remote, machine, data, say)]
    inputs = first_inputs(image)
    model = image.project.model_file
    outputs = expect(model, inputs) if expect is not None and model is not None and len(release.models) == 1 else None
    must = outputs is not None and release.engine == "library"
    result = remote.call(
        f"{machine.base}/blobs/{release.files[RUNNER_FILE]}",
        "install",
        {
            "release": (image.project.root / RELEASE_FILE).read_text(encoding="utf-8"),
            "venv": key,
            "wheels": digests,
            "inputs": [in_base64(data) for data in inputs],
            "expected": [in_base64(data) for data in outputs] if outputs is not None and must else None,
        },
        say,
    )
    compared = None
    if outputs is not None:
        same = tuple(base64.b64decode(data) for data in result["outputs"]) == outputs
        compared = "identical" if same else "different"
    return Deployed(
        release, bool(result["changed"]), (len(copied), sum(copied)), result["previous"], str(result["service"]),
        compared, tuple(result["notes"]),
    )  # fmt: skip


def rollback(url: str, name: str, say: Say | None = None) -> dict[str, Any]:
    """Put the release before back into service.

    Raises:
        InputError: there is no such deployment, or no earlier release.
        TinykitError: it does not work; the present one still does.
    """
    return _call(url, "rollback", {"name": name}, say)


def restart(url: str, name: str, say: Say | None = None) -> dict[str, Any]:
    """Start what is in service again.

    Raises:
        TinykitError: there is no such deployment, or it does not come up.
    """
    return _call(url, "restart", {"name": name}, say)


def remove(url: str, name: str, say: Say | None = None) -> dict[str, Any]:
    """Take a deployment away.

    Raises:
        InputError: there is none of that name.
    """
    return _call(url, "remove", {"name": name}, say)


def status(url: str) -> list[dict[str, Any]]:
    """All deployments of a board.

    Raises:
        TinykitError: the board cannot be asked.
    """
    found: list[dict[str, Any]] = _call(url, "status", {}, None)["deployments"]
    return found


def _call(url: str, verb: str, request: Mapping[str, Any], say: Say | None) -> dict[str, Any]:
    """With this tinykit's runner, which knows all that an older one wrote."""
    from tinykit.firmware.runner.bundle import runner_bundle

    remote = Remote(url)
    machine = remote.probe()
    name = request.get("name")
    if name is not None and name not in machine.deployments:
        names = ", ".join(sorted(machine.deployments)) or "none"
        raise InputError(f"there is no deployment {name!r} on the board", why=f"there are: {names}")
    bundle = runner_bundle()
    _store(remote, machine, bundle, say)
    return remote.call(f"{machine.base}/blobs/{hashlib.sha256(bundle).hexdigest()}", verb, request, say)


def _store(remote: Remote, machine: Machine, data: bytes, say: Say | None) -> bool:
    digest = hashlib.sha256(data).hexdigest()
    if say is not None and digest not in machine.blobs:
        say(f"copying {len(data):,} bytes")
    return remote.store(machine, data)


def _check_machine(board: Board, machine: Machine, host: str) -> None:
    """Refuse another processor than the board's: its figures would go under the board's name.

    Raises:
        WrongDevice: it is one.
    """
    wanted = _MACHINES.get(board.core)
    if wanted is not None and machine.machine not in wanted:
        raise WrongDevice(
            f"it is no {board.name}",
            where=host,
            why=f"its processor is {machine.machine}, {board.name} has {board.core}",
            hint="name the board that it is: --board native for one like this computer",
        )
    if board.core == "aarch64" and machine.bits != 64:
        raise WrongDevice(
            "its system has 32 bits",
            where=host,
            why="LiteRT comes for 64 bits only",
            hint="install the 64-bit Raspberry Pi OS",
        )
