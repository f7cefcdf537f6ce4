"""Downloading one file: resumed after an interruption, verified, and never seen half."""

from __future__ import annotations

import hashlib
import http.client
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from tinykit import __version__
from tinykit.catalog.connection import REACH, SILENCE, open_url
from tinykit.errors import ModelMissing

Progress = Callable[[int, int], None]
"""Called with the bytes that are there, and those there will be (0: not known)."""

_ATTEMPTS = 3
_CHUNK = 1 << 16
_MOST_BYTES = 1 << 28
"""Of a file whose size is not known: far more than any model for a microcontroller, far less than a disk."""


class Unreachable(ModelMissing):
    """The server cannot be reached: nor can it for another file."""


class _CutShort(Exception):
    """The connection ended before the file did; what came is kept."""


def download(url: str, target: Path, *, sha256: str | None, size: int | None, progress: Progress | None = None) -> None:
    """Load ``url`` into ``target``, whose folder exists.

    Bytes are collected in a hidden file beside it. It stays when the connection breaks, and is continued (HTTP ranges)
    in two further attempts or by a later call; a server that cannot do that sends all of it again.

    Args:
        sha256, size: what the file must be; None where that is not known.

    Raises:
        Unreachable: the server cannot be reached.
        ModelMissing: it does not have the file, or what it sent is not the file.
        OSError: the file cannot be written.
    """
    part = target.with_name(f".{target.name}.part")
    for attempt in range(_ATTEMPTS):
        resumed = part.is_file() and part.stat().st_size > 0
        try:
            _fetch(url, part, size, progress)
        except _CutShort as error:
            if attempt + 1 < _ATTEMPTS:
                continue
            raise ModelMissing(
                "the download was cut short", where=url, why=str(error), hint="try again: it goes on from there"
            ) from None
        found = hashlib.sha256(part.read_bytes()).hexdigest()
        if sha256 is None or found == sha256:
            part.replace(target)
            return
        length = part.stat().st_size
        part.unlink()
        if not resumed:  # the beginning may have been that of another version
            raise ModelMissing(
                "the file that came is not the one of the catalogue",
                where=url,
                why=f"its sha256 is {found} ({length:,} bytes), not {sha256}",
                hint="it was not kept; if the file was replaced at its origin, the catalogue has to be corrected",
            )
    raise ModelMissing("the download does not come to an end", where=url, hint="try again later")


def _fetch(url: str, part: Path, size: int | None, progress: Progress | None) -> None:
    """Append to ``part`` what is missing."""
    have = part.stat().st_size if part.is_file() else 0
    if size is not None and have == size:
        return
    if size is not None and have > size:
        have = 0
    try:
        request = urllib.request.Request(url, headers={"User-Agent": f"tinykit/{__version__}"})
        if have:
            request.add_header("Range", f"bytes={have}-")
        with open_url(request) as response:
            start = _start(response, have)
            _copy(response, part, start, size, progress)
    except urllib.error.HTTPError as error:
        if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and have:
            part.unlink()  # what is there is longer than the file: not its beginning
            raise _CutShort("what was there of an earlier download did not fit") from None
        raise ModelMissing("the server does not give the file", where=url, why=f"{error.code} {error.reason}") from None
    except urllib.error.URLError as error:
        raise Unreachable("the server cannot be reached", where=url, why=_reason(error.reason, REACH)) from None
    except TimeoutError as error:
        if (part.stat().st_size if part.is_file() else 0) > have:
            raise _CutShort(_reason(error, SILENCE)) from None
        raise ModelMissing("the server does not answer", where=url, why=_reason(error, SILENCE)) from None
    except (http.client.HTTPException, ConnectionError) as error:
        raise _CutShort(_reason(error, SILENCE)) from None
    except ValueError as error:
        raise ModelMissing("the URL cannot be used", where=url, why=str(error)) from None


def _start(response: http.client.HTTPResponse, have: int) -> int:
    """From which byte on the server sends: ``have``, or 0 when it does not do ranges."""
    if response.status != http.HTTPStatus.PARTIAL_CONTENT:
        return 0
    told = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    if told is None or int(told[1]) != have:
        raise http.client.HTTPException("the server sent another part of the file than was asked for")
    return have


def _copy(
    response: http.client.HTTPResponse, part: Path, start: int, size: int | None, progress: Progress | None
) -> None:
    announced = response.headers.get("Content-Length", "")
    total = start + int(announced) if announced.isdecimal() else size
    most = _MOST_BYTES if size is None else size
    done = start
    with part.open("r+b" if start else "wb") as file:
        file.seek(start)
        while True:
            if progress is not None:
                progress(done, total or 0)
            chunk = response.read(_CHUNK)
            if not chunk:
                break
            done += len(chunk)
            if done > most:
                part.unlink()
                raise ModelMissing(
                    "the file that came is not the one of the catalogue",
                    where=response.url,
                    why=f"it is longer than {most:,} bytes",
                )
            file.write(chunk)
    if total is not None and done < total:
        raise _CutShort(f"{done:,} of {total:,} bytes came")


def _reason(error: object, patience: float) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer for {patience:g} seconds"
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
