"""Errors as JSON: from a child or a board to whoever tells the user."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tinykit import errors
from tinykit.errors import TinykitError


def encoded(error: TinykitError) -> dict[str, str | None]:
    """An error as JSON."""
    return {
        "error": type(error).__name__, "what": error.what, "where": error.where, "why": error.why, "hint": error.hint,
    }  # fmt: skip


def decoded(value: Mapping[str, Any]) -> TinykitError:
    """The inverse of ``encoded``.

    Raises:
        KeyError, ValueError: it is no such thing.
    """
    kind = getattr(errors, str(value["error"]), None)
    if not (isinstance(kind, type) and issubclass(kind, TinykitError)):
        raise ValueError(f"no error of ours: {value['error']}")
    texts = {name: None if value.get(name) is None else str(value[name]) for name in ("where", "why", "hint")}
    return kind(str(value["what"]), **texts)
