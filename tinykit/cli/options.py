"""Options that several commands take."""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import Enum
from typing import Annotated

import typer


def number(least: float, most: float = math.inf) -> Callable[[str], float]:
    """A parser for ``typer.Option``: a number in a range. "nan" is none, and neither is "inf"."""
    among = f"from {least:g} up" if most == math.inf else f"from {least:g} to {most:g}"

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not (least <= value <= most and math.isfinite(value)):
            raise typer.BadParameter(f"{text!r} is no number {among}")
        return value

    return parse


class Optimize(str, Enum):
    """As ``tinykit.compiler.choice.Optimize``, for the command line."""

    speed = "speed"
    size = "size"
    balanced = "balanced"


NOT_PATCHED = "no patches: none that were tried make the arena smaller"
"""What is said where ``--patches auto`` changes nothing."""

Patched = Annotated[
    str,
    typer.Option(
        "--patches",
        metavar="auto|N|off",
        help="Compute the first, large layers in N strips, to need less memory.",
    ),
]
Optimized = Annotated[
    Optimize, typer.Option("--optimize", help="Choose kernels for speed, for size of flash, or balanced.")
]
