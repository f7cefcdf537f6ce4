"""Placement of pieces: sound, and as small as trying everything finds."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from tinykit.compiler.placement import ALIGNMENT, Piece, Placement, lower_bound, place

Leads = dict[tuple[int, int], int]


def random_chain(rng: np.random.Generator, count: int) -> tuple[list[Piece], Leads]:
    """Values of a chain with a branch here and there, some written over their input."""
    pieces, leads = [], {}
    for i in range(count):
        last = min(count, i + 1 + int(rng.choice([0, 0, 0, 1, 3])))
        pieces.append(Piece(ALIGNMENT * int(rng.integers(1, 9)), i, last))
    for i in range(1, count):
        if pieces[i - 1].last == i and rng.random() < 0.7:
            lead = ALIGNMENT * int(rng.integers(0, 3))
            if lead < pieces[i].size:
                leads[i, i - 1] = lead
    return pieces, leads


def assert_sound(pieces: list[Piece], leads: Leads, placement: Placement) -> None:
    assert placement.bound <= placement.size
    for i, j in itertools.combinations(range(len(pieces)), 2):
        a, b = pieces[i], pieces[j]
        if a.first <= b.last and b.first <= a.last:
            at, other = placement.offsets[i], placement.offsets[j]
            assert at + leads.get((i, j), a.size) <= other or other + leads.get((j, i), b.size) <= at
    assert all(o >= 0 and o % ALIGNMENT == 0 for o in placement.offsets)
    assert max(o + p.size for o, p in zip(placement.offsets, pieces, strict=True)) == placement.size


def smallest(pieces: list[Piece], leads: Leads) -> int:
    """By trying which of two pieces is the lower one, for all pairs: longest paths give the offsets."""
    pairs = [
        (i, j)
        for i, j in itertools.combinations(range(len(pieces)), 2)
        if pieces[i].first <= pieces[j].last and pieces[j].first <= pieces[i].last
    ]
    best = sum(p.size for p in pieces)
    for turned in itertools.product((False, True), repeat=len(pairs)):
        edges = [(j, i) if t else (i, j) for (i, j), t in zip(pairs, turned, strict=True)]
        offsets = [0] * len(pieces)
        for _ in range(len(pieces) + 1):
            before = list(offsets)
            for i, j in edges:
                offsets[j] = max(offsets[j], offsets[i] + leads.get((i, j), pieces[i].size))
            if offsets == before:
                best = min(best, max(o + p.size for o, p in zip(offsets, pieces, strict=True)))
                break
    return best


@pytest.mark.parametrize("seed", range(60))
def test_finds_the_smallest(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pieces, leads = random_chain(rng, int(rng.integers(1, 6)))
    placement = place(pieces, leads)
    assert_sound(pieces, leads, placement)
    assert placement.size == placement.bound == smallest(pieces, leads)
    assert lower_bound(pieces, leads) <= placement.size


@pytest.mark.parametrize("seed", range(30))
def test_large_ones_are_sound(seed: int) -> None:
    rng = np.random.default_rng(100 + seed)
    pieces, leads = random_chain(rng, 40)
    placement = place(pieces, leads, work=100_000)
    assert_sound(pieces, leads, placement)
    assert placement.size <= 1.2 * placement.bound


def test_without_time_to_search_the_bound_is_that_of_a_step() -> None:
    pieces, leads = random_chain(np.random.default_rng(1), 30)
    placement = place(pieces, leads, work=0)
    assert_sound(pieces, leads, placement)
    assert placement.bound == lower_bound(pieces, leads)


def test_an_output_over_its_input() -> None:
    """Twice as large as the input, which it follows at a distance: the input lies at its end."""
    placement = place([Piece(160, 0, 1), Piece(320, 1, 2)], {(1, 0): 176})
    assert placement == Placement((176, 0), 336, 336)


def test_nothing() -> None:
    assert place([], {}) == Placement((), 0, 0)
