"""How flashers say how far they are."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much is done, and how much there is (bytes)."""


def no_progress(what: str, done: int, total: int) -> None:
    """A ``Progress`` that nobody watches."""
