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


Optimized = Annotated[
    Optimize, typer.Option("--optimize", help="Choose kernels for speed, for size of flash, or balanced.")
]
