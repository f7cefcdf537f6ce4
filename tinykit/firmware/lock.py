"""One writer at a time in a project's folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tinykit.errors import InputError
from tinykit.firmware.tree import cannot_write, check_folder_name


@contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """Hold ``folder``, created if needed, for this process; one that stays empty is removed again.

    The lock is on the folder itself: it leaves no file, and ends with the process. (Windows has no such lock.)

    Raises:
        InputError: another tinykit holds it, or it cannot be created.
    """
    check_folder_name(folder)
    created = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(folder, error) from error
    try:
        descriptor = _locked(folder)
        try:
            yield
        finally:
            if descriptor is not None:
                os.close(descriptor)
    finally:
        with suppress(OSError):  # not empty
            for path in created:
                path.rmdir()


def _locked(folder: Path) -> int | None:
    try:
        import fcntl
    except ImportError:
        return None
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise cannot_write(folder, error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise InputError(
            "another tinykit is writing here",
            where=str(folder),
            hint="wait until it is done, or give another --out folder",
        ) from None
    except OSError:
        os.close(descriptor)  # a file system without locks
        return None
    return descriptor
