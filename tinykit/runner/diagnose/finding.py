"""One thing that was looked at, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warning", "problem", "absent", "unknown"]
"""``absent``: not there, which need not be wrong. ``unknown``: it could not be looked at."""


@dataclass(frozen=True)
class Finding:
    """What was looked at (``check``), how it is, in words, and what to do."""

    check: str
    state: State
    what: str
    hint: str = ""
