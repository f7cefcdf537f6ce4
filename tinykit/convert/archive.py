"""Zip archives that were cut off: a download that stopped, seen before any framework says something else of it."""

from __future__ import annotations

import io
import zipfile

from tinykit.errors import InputError


def refuse_cut_off(data: bytes, where: str) -> None:
    """Refuse what starts as a zip archive and lacks its end, where the list of contents is.

    Raises:
        InputError: it does.
    """
    if data.startswith(b"PK\x03\x04") and not zipfile.is_zipfile(io.BytesIO(data)):
        raise InputError(
            "the zip archive is cut off",
            where=where,
            why=f"its list of contents is missing after {len(data)} bytes",
            hint="copy or download the file again, and compare its size with the original's",
        )
