"""Probe firmware, built once per board."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from support.probe import build_probe
from tinykit.firmware import Image


@pytest.fixture(scope="session")
def probe(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Image]:
    """The probe image of a board by name; skips where the board's tools are missing."""

    @cache
    def image(board_name: str) -> Image:
        return build_probe(board_name, tmp_path_factory.mktemp(board_name))

    return image
