"""Where things lie on the board.

BASE/lock                               held by whoever changes anything here
BASE/blobs/SHA256                       files as they were copied, by their contents
BASE/venvs/KEY/                         Python environments, by what is in them
BASE/deployments/NAME/releases/BUILD/   one folder a release, never changed again
                     /current           -> releases/BUILD, what is in service
                     /previous          -> releases/BUILD, what --rollback goes back to
                     /switching         exists while ``current`` is being changed: what it was, and what it will be
                     /run/              status, log, and the supervisor's lock
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tinykit.errors import DeviceMissing, InputError
from tinykit.runner.release import RELEASE_FILE, RUNNER_FILE, Release, load_release

NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
"""What a deployment may be called: it is a folder and a part of a unit's name."""


def default_base() -> Path:
    """$XDG_DATA_HOME/tinykit, else ~/.local/share/tinykit (XDG Base Directory Specification)."""
    base = os.environ.get("XDG_DATA_HOME", "")
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".local" / "share") / "tinykit"


@dataclass(frozen=True)
class Deployment:
    """The folder of one deployment."""

    base: Path
    name: str

    @property
    def root(self) -> Path:
        return self.base / "deployments" / self.name

    @property
    def run(self) -> Path:
        return self.root / "run"

    def release_folder(self, build_id: str) -> Path:
        return self.root / "releases" / build_id

    def link(self, which: str) -> str | None:
        """The build id that ``current`` or ``previous`` points to."""
        try:
            return (self.root / which).readlink().name
        except OSError:
            return None

    def point(self, which: str, build_id: str | None) -> None:
        """Let ``current`` or ``previous`` point to a release, in one step; None removes it."""
        link = self.root / which
        if build_id is None:
            link.unlink(missing_ok=True)
            return
        fresh = self.root / f".{which}.{os.getpid()}"
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(Path("releases") / build_id)
        fresh.replace(link)
        sync(self.root)

    def release(self) -> Release | None:
        """The release in service; None: none is.

        Raises:
            InputError: it is damaged.
        """
        return load_release(self.root / "current") if self.link("current") else None

    def serve_command(self) -> list[str]:
        """What runs the release in service, whichever that is."""
        current = self.root / "current"
        return [
            str(current / "venv" / "bin" / "python"), str(current / RUNNER_FILE), "serve", str(current),
            "--status", str(self.run / "status.json"),
        ]  # fmt: skip


@contextlib.contextmanager
def hold(base: Path) -> Iterator[None]:
    """Be the only one who changes something on this board.

    Raises:
        DeviceMissing: somebody else is at it.
    """
    base.mkdir(parents=True, exist_ok=True)
    with (base / "lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise DeviceMissing(
                "another `tinykit deploy` is at work there", where=str(base), hint="wait for it, then try again"
            ) from None
        yield


def deployment(base: Path, name: str) -> Deployment:
    """The deployment of that name, which may not exist yet.

    Raises:
        InputError: a name that it cannot have.
    """
    if not NAME.fullmatch(name):
        raise InputError(
            f"a deployment cannot be called {name!r}", hint="use lower-case letters, digits, '-', '_' and '.', up to 64"
        )
    return Deployment(base, name)


def deployments(base: Path) -> list[Deployment]:
    """All that were ever put into service, by name."""
    folder = base / "deployments"
    names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    return [Deployment(base, name) for name in names if NAME.fullmatch(name)]


def releases_of(base: Path) -> list[Path]:
    """The folders of all releases that are whole."""
    return sorted(path.parent for path in base.glob(f"deployments/*/releases/*/{RELEASE_FILE}"))


def sync(folder: Path) -> None:
    """Have a folder's entries on the disk: a board may lose its power at any moment."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def write_json(path: Path, value: object) -> None:
    """A file of JSON, whole and on the disk or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(value, file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync(path.parent)
