"""The firmware fits, and its stack has room."""

from __future__ import annotations

import pytest

from tinykit.hil.bench_board import BenchBoard


def test_arena_is_what_was_planned(tinykit_board: BenchBoard) -> None:
    memory = tinykit_board.report().memory
    assert memory.arena == tinykit_board.info.arena_bytes
    assert memory.arena >= memory.arena_lower_bound


def test_stack_keeps_a_quarter_free(tinykit_board: BenchBoard) -> None:
    memory = tinykit_board.report().memory
    if memory.stack is None:
        pytest.skip("the operating system provides the stack")
    assert memory.stack <= 0.75 * memory.stack_reserved


def test_everything_fits(tinykit_board: BenchBoard) -> None:
    memory = tinykit_board.report().memory
    if memory.flash_available is None or memory.ram_available is None:
        pytest.skip("the host has no memories to fit into")
    assert memory.flash <= memory.flash_available
    assert memory.static_ram + memory.stack_reserved <= memory.ram_available
