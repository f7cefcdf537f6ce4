"""Points in time as people write them on the command line."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from tinykit.errors import InputError

_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def parse_since(text: str, now: datetime | None = None) -> datetime:
    """ "36h", "7d", "4w" before now; "2026-11-01" or "2026-11-01T13:30", of this computer's time zone unless it says.

    Raises:
        InputError: it is none of these.
    """
    now = now or datetime.now(timezone.utc)
    try:
        if ago := re.fullmatch(r"(\d{1,9})([hdw])", text.strip()):
            return now - int(ago[1]) * _UNITS[ago[2]]
        when = datetime.fromisoformat(text.strip())
        return when.astimezone() if when.tzinfo is None else when
    except (ValueError, OverflowError):
        raise InputError(f"{text!r} is not a time", hint="write it as --since 7d, 36h, or 2026-11-01") from None
