"""Options that several commands take."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import typer


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
