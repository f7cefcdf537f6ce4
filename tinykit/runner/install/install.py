"""Puts a release into service, and takes it back when it does not work."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import shutil
import sys
import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from tinykit.errors import DeployFailed, InputError, TinykitError
from tinykit.runner.install.health import answers, run_alone, wait_until_well
from tinykit.runner.install.layout import Deployment, deployment, deployments, hold, releases_of, sync, write_json
from tinykit.runner.install.service import Service, service_of
from tinykit.runner.install.session import HostGone, HostSession
from tinykit.runner.install.venv import make_venv
from tinykit.runner.listen import listen
from tinykit.runner.release import RELEASE_FILE, Release, load_release, parse_release, release_text

_YOUNG_SECONDS = 3600.0
"""Copying a model and its wheels over a slow line takes its time."""

_GREETING_SECONDS = 2.0
"""Until a runner greets a new line; one that is in the middle of a long run does not."""


def install(base: Path, host: HostSession) -> dict[str, Any]:
    """Carry out a request to install a release.

    The request: ``release`` (the text of release.json), ``venv`` (its key), ``wheels`` (sha256 by name), ``inputs`` (of
    the first inference, base64) and ``expected`` (its outputs, or null where the host does not know them).

    Returns:
        For the host: what was done, the service, and the first inference's outputs.

    Raises:
        TinykitError: it is not in service; what was before still or again is.
        HostGone: the same, because the host is.
    """
    request = host.request
    release = parse_release(request["release"], "the request")
    place = deployment(base, release.name)
    with hold(base):
        try:
            return _install(base, place, release, host)
        finally:
            prune(base, {*release.files.values(), *request["wheels"].values()})


def _install(base: Path, place: Deployment, release: Release, host: HostSession) -> dict[str, Any]:
    request = host.request
    _check_port(base, release)
    _check_address(release)
    place.run.mkdir(parents=True, exist_ok=True)
    service = service_of(place)
    recover(place, service)
    inputs = [base64.b64decode(data) for data in request["inputs"]]
    expected = request["expected"] and [base64.b64decode(data) for data in request["expected"]]
    venv, new_venv = make_venv(base, request["venv"], list(release.requirements), request["wheels"], host)
    folder, fresh = _unpack(place, release, venv)
    changed, outputs, notes = _take_into_service(
        place, service, release, folder, inputs, expected, host, fresh=fresh or new_venv
    )
    return {
        "changed": changed,
        "build_id": release.build_id,
        "previous": place.link("previous"),
        "service": service.kind,
        "notes": [*notes, *([service.note] if service.note else [])],
        "outputs": [base64.b64encode(data).decode() for data in outputs],
    }


def rollback(base: Path, host: HostSession) -> dict[str, Any]:
    """Put the release that was in service before back into it.

    Raises:
        InputError: there is none.
        DeployFailed: it does not work; the present one still does.
    """
    place = _existing(base, host.request["name"])
    with hold(base):
        service = service_of(place)
        recover(place, service)
        build_id = place.link("previous")
        if build_id is None:
            raise InputError("there is no earlier release", where=place.name, hint="deploy the model that you want")
        folder = place.release_folder(build_id)
        release = load_release(folder)
        inputs: list[bytes] = []
        changed, _, notes = _take_into_service(place, service, release, folder, inputs, None, host)
        return {
            "changed": changed, "build_id": build_id, "previous": place.link("previous"), "service": service.kind,
            "notes": list(notes), "model": release.model_name,
        }  # fmt: skip


def restart(base: Path, host: HostSession) -> dict[str, Any]:
    """Start the release in service again."""
    place = _existing(base, host.request["name"])
    with hold(base):
        service = service_of(place)
        recover(place, service)
        release = place.release()
        if release is None:
            raise InputError("nothing is in service", where=place.name)
        service.stop()
        service.start()
        wait_until_well(place, release, [], _known_outputs(release, place.root / "current"), host.check)
        return {"build_id": release.build_id, "service": service.kind}


def remove(base: Path, host: HostSession) -> dict[str, Any]:
    """Take a deployment away: its service, its releases, and what no other one needs."""
    place = _existing(base, host.request["name"])
    with hold(base):
        service_of(place).remove()
        host.commit()
        mine = _files_of(releases_of(base)) | {Path(sys.argv[0]).name}  # the runner that this is
        shutil.rmtree(place.root)
        left = [other.name for other in deployments(base)]
        prune(base, mine)
    return {"removed": place.name, "left": left}


def status(base: Path, host: HostSession) -> dict[str, Any]:
    """All deployments of this board: what is in service, and how it does.

    Of a damaged one ``release`` is None and ``damaged`` says what is wrong.
    """
    found = []
    for place in deployments(base):
        try:
            release, damaged = place.release(), None
        except InputError as error:
            release, damaged = None, f"{error.what}: {error.why}"
        if release is None and damaged is None:
            continue
        service = service_of(place)
        state, said = service.state(), _said(place)
        # What it said last may be long ago: it is serving if it answers.
        if state["running"] and said.get("state") == "serving" and release is not None:
            said["state"] = "serving" if answers(release, _GREETING_SECONDS) else "not answering"
        found.append(
            {
                "name": place.name,
                "release": None if release is None else json.loads(release_text(release)),
                "damaged": damaged,
                "previous": place.link("previous"),
                "service": {"kind": service.kind, **state},
                "said": said,
            }
        )
    return {"deployments": found}


def recover(place: Deployment, service: Service) -> None:
    """Undo a change that was cut off: by a power failure, or the end of the process that made it."""
    marker = place.root / "switching"
    try:
        before = json.loads(marker.read_text(encoding="utf-8"))["before"]
    except FileNotFoundError:
        return
    except (ValueError, KeyError):
        before = place.link("previous")  # it was not written by us
    service.stop()
    place.point("current", before)
    marker.unlink()
    if before is not None:
        service.start()


def prune(base: Path, mine: Collection[str] = ()) -> None:
    """Remove what no deployment needs any more: releases, files, environments, and what was never finished.

    Files are copied before the lock is taken: young ones stay, another command may be about to need them.

    Args:
        mine: sha256 of files that this command brought; they are removed however young they are.
    """
    mine = {*mine, *_files_of(releases_of(base))}  # of a release: needed by what is left of them, or by nobody
    for place in deployments(base):
        wanted = {place.link("current"), place.link("previous")}
        for folder in (place.root / "releases").glob("*"):
            if folder.name not in wanted:
                shutil.rmtree(folder, ignore_errors=True)
        if place.link("current") is None and not (place.root / "switching").exists():
            shutil.rmtree(place.root, ignore_errors=True)
    foreign = {blob.name for blob in (base / "blobs").glob("*") if _is_young(blob) and blob.name not in mine}
    if not deployments(base) and not foreign:
        shutil.rmtree(base, ignore_errors=True)
        return
    folders = releases_of(base)
    needed = _files_of(folders)
    environments: set[str] = set()
    for folder in folders:
        with contextlib.suppress(OSError):
            environments.add((folder / "venv").readlink().name)
    for blob in (base / "blobs").glob("*"):
        if blob.name not in needed and blob.name not in foreign:
            blob.unlink(missing_ok=True)
    for venv in (base / "venvs").glob("*"):
        if venv.name not in environments:
            shutil.rmtree(venv, ignore_errors=True)


def _files_of(folders: Sequence[Path]) -> set[str]:
    """The sha256 of the files of releases.

    A damaged release needs no blob: its folder has links of its own, and what is gone is copied again.
    """
    found: set[str] = set()
    for folder in folders:
        with contextlib.suppress(InputError):
            found.update(load_release(folder).files.values())
    return found


def _is_young(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime < _YOUNG_SECONDS
    except OSError:
        return False  # it has just got its name


def _take_into_service(
    place: Deployment,
    service: Service,
    release: Release,
    folder: Path,
    inputs: Sequence[bytes],
    expected: Sequence[bytes] | None,
    host: HostSession,
    *,
    fresh: bool = False,
) -> tuple[bool, tuple[bytes, ...], tuple[str, ...]]:
    """Whether anything was changed, the first inference's outputs, notes of the engine.

    Args:
        fresh: its folder or its environment was made just now: what runs may come of damaged files.
    """
    before = place.link("current")
    if before == release.build_id and not fresh and service.state()["running"]:
        try:
            outputs = wait_until_well(place, release, inputs, expected, host.check)
            return False, outputs, tuple(_said(place).get("notes", ()))
        except DeployFailed:
            host.say("it is in service and does not answer as it should: starting anew")
    # Only one process can have an Edge TPU: the old release has to let go of it first.
    exclusive = release.delegate is not None
    if exclusive and before is not None:
        host.say("stopping the release in service, which has the accelerator")
        service.stop()
    try:
        host.say("running the release by itself")
        outputs, notes = run_alone(folder, inputs)
        _compare(outputs, expected)
        host.check()
    except BaseException:
        if exclusive and before is not None:
            service.start()
        raise
    _switch(place, service, release, before, inputs, outputs, host)
    return True, outputs, notes


def _switch(
    place: Deployment,
    service: Service,
    release: Release,
    before: str | None,
    inputs: Sequence[bytes],
    outputs: Sequence[bytes],
    host: HostSession,
) -> None:
    marker = place.root / "switching"
    write_json(marker, {"before": before, "after": release.build_id})
    try:
        host.say("putting it into service")
        service.stop()
        (place.run / "status.json").unlink(missing_ok=True)
        place.point("current", release.build_id)
        service.start()
        wait_until_well(place, release, inputs, outputs, host.check)
        host.commit()
    except (TinykitError, HostGone, OSError) as error:
        again = _go_back(place, service, before)
        marker.unlink()
        if isinstance(error, TinykitError):
            raise DeployFailed(
                "the new release was not taken into service", where=place.name,
                why=error.what + (f": {error.why}" if error.why else ""), hint=again,
            ) from None  # fmt: skip
        raise
    if before is not None and before != release.build_id:
        place.point("previous", before)
    marker.unlink()


def _go_back(place: Deployment, service: Service, before: str | None) -> str:
    """Let the earlier release run again; what there is to say of it."""
    if before is None:
        service.remove()
        place.point("current", None)
        return "nothing of it was left on the board; change what is wrong and deploy again"
    service.stop()
    place.point("current", before)
    service.start()
    try:
        release = load_release(place.release_folder(before))
        wait_until_well(place, release, [], _known_outputs(release, place.release_folder(before)), lambda: None)
    except TinykitError as error:
        return f"the release before it, {before[:12]}, was put back and does not answer either: {error.what}"
    return f"the release before it, {before[:12]}, runs again; change what is wrong and deploy again"


def _said(place: Deployment) -> dict[str, Any]:
    """What the runner said last of itself."""
    try:
        said: dict[str, Any] = json.loads((place.run / "status.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said


def _known_outputs(release: Release, folder: Path) -> tuple[bytes, ...] | None:
    """What a release gives for inputs of zeros; None where the runner in service has the accelerator."""
    return None if release.delegate is not None else run_alone(folder, [])[0]


def _compare(outputs: Sequence[bytes], expected: Sequence[bytes] | None) -> None:
    if expected is not None and tuple(outputs) != tuple(expected):
        raise DeployFailed(
            "the first inference on the board differs from that on this computer",
            hint="is it the right processor's library? `tinykit run` on the emulated board says more",
        )


def _unpack(place: Deployment, release: Release, venv: Path) -> tuple[Path, bool]:
    """The release's folder, made of the files that were copied; it gets its name when it is whole.

    Returns:
        The folder, and whether it was made now: there was none, or a damaged one.
    """
    folder = place.release_folder(release.build_id)
    if _is_whole(folder, release, venv):
        return folder, False
    blobs = place.base / "blobs"
    fresh = folder.with_name(f".{folder.name}.{os.getpid()}")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    try:
        for name, digest in release.files.items():
            blob = blobs / digest
            if not blob.exists() or _sha256(blob) != digest:
                blob.unlink(missing_ok=True)
                raise DeployFailed("a file on the board is damaged", where=name, hint="deploy again")
            os.link(blob, fresh / name)
        (fresh / "venv").symlink_to(venv)
        (fresh / RELEASE_FILE).write_text(release_text(release), encoding="utf-8")
        os.sync()
        shutil.rmtree(folder, ignore_errors=True)  # a damaged one
        fresh.rename(folder)
        sync(folder.parent)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    return folder, True


def _is_whole(folder: Path, release: Release, venv: Path) -> bool:
    """Whether a release's folder has all that it had when it was made."""
    try:
        return (
            load_release(folder) == release
            and (folder / "venv").readlink() == venv
            and all(_sha256(folder / name) == digest for name, digest in release.files.items())
        )
    except (InputError, OSError):
        return False


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _check_port(base: Path, release: Release) -> None:
    """Refuse a port or a serial port that another deployment has.

    Raises:
        InputError: names it.
    """
    for other in deployments(base):
        theirs = None
        with contextlib.suppress(InputError):  # a damaged one: `status` names it, and it is not in this one's way
            theirs = other.release() if other.name != release.name else None
        if theirs is None:
            continue
        if theirs.port == release.port:
            raise InputError(
                f"port {release.port} is that of deployment {other.name}", hint="give another one: --listen-port"
            )
        if theirs.serial is not None and theirs.serial == release.serial:
            raise InputError(f"{release.serial} is the serial port of deployment {other.name}", hint="give another one")


def _check_address(release: Release) -> None:
    """Refuse an address that this board has not, while the release before still runs.

    Raises:
        InputError: it cannot be listened on.
    """
    try:
        listen(release.listen, 0).close()
    except OSError as error:
        raise InputError(
            "the board cannot listen there", where=release.listen, why=error.strerror or str(error),
            hint="--listen takes an address of the board: 127.0.0.1, one of `ip address`, or 0.0.0.0 or :: for all",
        ) from None  # fmt: skip


def _existing(base: Path, name: str) -> Deployment:
    place = deployment(base, name)
    if place.link("current") is None:
        names = ", ".join(other.name for other in deployments(base)) or "none"
        raise InputError(f"there is no deployment {name!r} on the board", why=f"there are: {names}")
    return place
