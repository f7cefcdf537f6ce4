"""The names of what a run of a bench writes into its folder, and which names of places would be in their way."""

from __future__ import annotations

from collections.abc import Sequence

FIRMWARE = "firmware"
MATRIX_JSON = "matrix.json"
MATRIX_HTML = "matrix.html"
JUNIT = "junit.xml"
_FIXED = (FIRMWARE, MATRIX_JSON, MATRIX_HTML, JUNIT)


def log_name(place: str) -> str:
    """The log of a place. Its reports are in a folder that is named as the place."""
    return f"{place}.log"


def clash(places: Sequence[str]) -> str | None:
    """Which place cannot have its name, in words; None where all can. Not all file systems tell A from a."""
    taken = {name.lower(): "a run writes a file or folder of that name" for name in _FIXED}
    taken |= {log_name(place).lower(): f"that is the log of place {place!r}" for place in places}
    return next(
        (f"no place can be {place!r}: {taken[place.lower()]}" for place in places if place.lower() in taken), None
    )
