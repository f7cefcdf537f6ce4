"""Getting a model: the copy that is there, or a download."""

from __future__ import annotations

import contextlib
import hashlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from tinykit.catalog.download import Progress, Unreachable, download
from tinykit.catalog.model import CatalogModel
from tinykit.catalog.places import Copy, Rejected, cache_path, find_copy, local_folders
from tinykit.errors import ModelMissing
from tinykit.resources import data_dir


def pull(model: CatalogModel, *, unverified: bool = False, progress: Progress | None = None) -> Copy:
    """A verified copy of the model: one that is on this computer, or else a download into the cache.

    Args:
        unverified: also download what the catalogue has no sha256 of.

    Raises:
        ModelMissing: there is no copy, and none can be had; says what was tried.
    """
    copy, rejected = find_copy(model)
    if copy is not None:
        return copy
    if not model.urls:
        raise _absent(model, rejected)
    if model.sha256 is None and not unverified:
        raise ModelMissing(
            f"the catalogue has no sha256 of model {model.name}: a download could not be verified",
            where=model.urls[0],
            hint="look at where it comes from, and pull it with --unverified",
        )
    target = cache_path(model)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _alone(target.parent):
            copy, rejected = find_copy(model)  # somebody else may have been faster
            return copy or _download(model, target, rejected, progress)
    except OSError as error:
        raise ModelMissing(
            f"cannot keep model {model.name}",
            where=str(error.filename or target),
            why=error.strerror or str(error),
            hint="set XDG_CACHE_HOME to a folder that can be written",
        ) from None


def require_copy(model: CatalogModel) -> Copy:
    """The copy on this computer.

    Raises:
        ModelMissing: there is none.
    """
    copy, rejected = find_copy(model)
    if copy is None:
        raise _absent(model, rejected)
    return copy


def _absent(model: CatalogModel, rejected: Sequence[Rejected]) -> ModelMissing:
    return ModelMissing(
        f"model {model.name} is not on this computer",
        why=_looked(model, rejected),
        hint=f"tinykit models pull {model.name}" if model.urls else "it is a part of tinykit: install that again",
    )


def _download(model: CatalogModel, target: Path, rejected: Sequence[Rejected], progress: Progress | None) -> Copy:
    failures: list[str] = []
    unreachable = set()
    for url in model.urls:
        host = urlsplit(url).netloc
        if host in unreachable:  # once is enough to wait for it
            continue
        try:
            download(url, target, sha256=model.sha256, size=model.size, progress=progress)
        except ModelMissing as error:
            if isinstance(error, Unreachable):
                unreachable.add(host)
            failures.append(f"{url}: {error.what}" + (f" ({error.why})" if error.why else ""))
            continue
        sha256 = model.sha256 or hashlib.sha256(target.read_bytes()).hexdigest()
        return Copy(target, "download", sha256, model.sha256 is not None)
    raise ModelMissing(
        f"cannot get model {model.name}",
        why="; ".join([*failures, _looked(model, rejected)]),
        hint=f"with no network, put {model.file} into a folder and set TINYKIT_MODELS to it; otherwise try again later",
    )


def _looked(model: CatalogModel, rejected: Sequence[Rejected]) -> str:
    if rejected:
        return "; ".join(f"{r.path} is not it: {r.why}" for r in rejected)
    if model.bundled is not None:
        return f"there is no {data_dir('models') / model.bundled}"
    folders = [cache_path(model).parent, *local_folders()]
    return f"there is no {model.file} in {', '.join(str(f) for f in folders)}"


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Holds other processes that pull the same model until this one is done; a killed one holds nobody.

    Windows has no ``fcntl``: two processes at once may spoil each other's download there. The sha256 tells.
    """
    if sys.platform == "win32":
        yield
        return
    import fcntl

    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
