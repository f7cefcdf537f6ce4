"""Which cases of a test are part of ``make check``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def rest_slow(cases: Iterable[Any], fast: int = 1, *, several: bool = False) -> list[Any]:
    """Cases for ``parametrize`` of which those after the first ``fast`` are slow.

    Args:
        several: each case is a tuple of values for several arguments.
    """
    return [
        case if number < fast else pytest.param(*(case if several else (case,)), marks=pytest.mark.slow)
        for number, case in enumerate(cases)
    ]
