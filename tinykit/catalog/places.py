"""Where copies of models are: in tinykit itself, in the cache, in local sources."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tinykit.catalog.model import CatalogModel
from tinykit.resources import checkout, data_dir

Source = Literal["bundled", "cache", "local", "download"]


@dataclass(frozen=True)
class Copy:
    """A model's file on this computer.

    Attributes:
        source: how it came there.
        sha256: of the file as it is.
        verified: whether that is the catalogue's; False only where the catalogue does not know it.
    """

    path: Path
    source: Source
    sha256: str
    verified: bool


@dataclass(frozen=True)
class Rejected:
    """A file in the place of a model's that cannot be used."""

    path: Path
    why: str


def cache_path(model: CatalogModel, environment: Mapping[str, str] = os.environ) -> Path:
    """Where a downloaded copy is kept: below ``$XDG_CACHE_HOME`` or ``~/.cache`` (XDG Base Directory Specification)."""
    base = Path(environment.get("XDG_CACHE_HOME", ""))
    if not base.is_absolute():  # the specification has relative paths ignored
        base = Path.home() / ".cache"
    return base / "tinykit" / "models" / model.name / model.file


def local_folders(environment: Mapping[str, str] = os.environ) -> list[Path]:
    """Folders with models that need no network: ``$TINYKIT_MODELS`` and ``$TINYKIT_SHARED/models``, where they are set.

    Without the second, ``shared/models`` beside the checkout, if this is one.
    """
    folders = []
    if environment.get("TINYKIT_MODELS"):
        folders.append(Path(environment["TINYKIT_MODELS"]))
    root = checkout()
    if environment.get("TINYKIT_SHARED"):
        folders.append(Path(environment["TINYKIT_SHARED"]) / "models")
    elif root is not None:
        folders.append(root.parent / "shared" / "models")
    return folders


def find_copy(model: CatalogModel, environment: Mapping[str, str] = os.environ) -> tuple[Copy | None, list[Rejected]]:
    """The first usable copy on this computer, and the files in its place that are not usable."""
    rejected = []
    for path, source in _candidates(model, environment):
        try:
            sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            rejected.append(Rejected(path, error.strerror or str(error)))
            continue
        if model.sha256 is not None and sha256 != model.sha256:
            rejected.append(Rejected(path, f"its sha256 is {sha256}, not {model.sha256}"))
            continue
        return Copy(path, source, sha256, model.sha256 is not None), rejected
    return None, rejected


def _candidates(model: CatalogModel, environment: Mapping[str, str]) -> Iterator[tuple[Path, Source]]:
    if model.bundled is not None:
        yield data_dir("models") / model.bundled, "bundled"
        return
    yield cache_path(model, environment), "cache"
    for folder in local_folders(environment):
        if model.folder is not None:
            yield folder / model.folder / model.file, "local"
        yield folder / model.file, "local"
