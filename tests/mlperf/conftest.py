"""Devices that speak MLPerf Tiny's protocol."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from mlperf.devices import Small
from tinykit.emulate import OpenBoard, open_board
from tinykit.firmware import Image

BuildSmall = Callable[[Small], Image]
StartSmall = Callable[..., OpenBoard]


@pytest.fixture(scope="session")
def build_small(tmp_path_factory: pytest.TempPathFactory) -> BuildSmall:
    @cache
    def build(small: Small) -> Image:
        return small.build(tmp_path_factory.mktemp("small") / "project")

    return build


@pytest.fixture(scope="session")
def start_small(build_small: BuildSmall) -> StartSmall:
    """``with start_small(Small(...)) as stream``: a device of that kind, built once and started anew."""

    def start(small: Small | None = None) -> OpenBoard:
        image = build_small(small or Small())
        return open_board(image.board, image)

    return start
