"""Which faults, and how often."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any

from tinykit.errors import InputError

KINDS = ("drop", "duplicate", "flip", "delay", "split", "merge", "cut")


@dataclass(frozen=True)
class Faults:
    """Faults of a line: for each kind the share of bytes, 0 to 1, that it happens to. No byte has two.

    Attributes:
        drop: the byte is lost.
        duplicate: it comes twice.
        flip: one of its bits is another.
        delay: it and what follows come up to ``pause`` seconds later.
        split: what was one transfer is two, the second from this byte on.
        merge: it and the rest of its transfer wait for the next transfer, at most ``pause`` seconds, and come with it.
        cut: the line ends before it.
        pause: seconds.
        seed: the same seed makes the same faults of the same bytes, in whatever transfers they come.
    """

    drop: float = 0.0
    duplicate: float = 0.0
    flip: float = 0.0
    delay: float = 0.0
    split: float = 0.0
    merge: float = 0.0
    cut: float = 0.0
    pause: float = 0.02
    seed: int = 0

    def __post_init__(self) -> None:
        for kind in KINDS:
            if not 0 <= getattr(self, kind) <= 1:
                raise InputError(f"{kind} is {getattr(self, kind):g}", hint="give a share from 0 to 1, or in percent")
        if self.total > 1:
            raise InputError(f"faults of {100 * self.total:g} % of all bytes", hint="no byte can have two faults")
        if not 0 <= self.pause < math.inf:
            raise InputError(f"pause is {self.pause:g} s", hint="give a number of seconds from 0 up")

    @property
    def total(self) -> float:
        """Share of bytes that have any fault."""
        return math.fsum(getattr(self, kind) for kind in KINDS)

    def __str__(self) -> str:
        shown = [f"{kind}={100 * getattr(self, kind):g}%" for kind in KINDS if getattr(self, kind)]
        return ",".join([*shown, f"seed={self.seed}"])


def parse_rate(text: str) -> float:
    """A share from text: "1%" or "0.01".

    Raises:
        InputError: it is no number from 0 to 1, or 0 % to 100 %.
    """
    number = text.strip()
    try:
        rate = float(number[:-1]) / 100 if number.endswith("%") else float(number)
    except ValueError:
        rate = math.nan
    if not 0 <= rate <= 1:
        raise InputError(f"{text!r} is no share of bytes", hint="write it like 1% or 0.01")
    return rate


def parse_faults(text: str) -> Faults:
    """Faults from text like "drop=1%,flip=0.1%,pause=0.05,seed=7".

    Raises:
        InputError: a name is unknown or twice, or a value is no number that it can have.
    """
    known = [field.name for field in fields(Faults)]
    values: dict[str, Any] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, value = part.partition("=")
        if name not in known or name in values or not value:
            raise InputError(
                f"{part!r} says no fault" if name not in values else f"{name} is given twice",
                where=text,
                hint=f"write NAME=VALUE with commas between; names: {', '.join(known)}",
            )
        try:
            values[name] = parse_rate(value) if name in KINDS else int(value) if name == "seed" else float(value)
        except ValueError:
            raise InputError(f"{value!r} is no number", where=part, hint="write it like seed=7 or pause=0.05") from None
    return Faults(**values)
