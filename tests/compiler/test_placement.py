"""Placement of pieces: sound, and as small as trying everything finds."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from tinykit.compiler.placement import ALIGNMENT, Piece, Placement, Together, place, step_bounds

Leads = dict[tuple[int, int], int]
Chain = tuple[list[Piece], Leads, Together]


def random_chain(rng: np.random.Generator, count: int) -> Chain:
    """Values of a chain with a branch here and there, some written over their input, or where it begins."""
    pieces: list[Piece] = []
    leads: Leads = {}
    together = set()
    for i in range(count):
        last = min(count, i + 1 + int(rng.choice([0, 0, 0, 1, 3])))
        pieces.append(Piece(ALIGNMENT * int(rng.integers(1, 9)), i, last))
    for i in range(1, count):
        if pieces[i - 1].last == i and rng.random() < 0.7:
            lead = ALIGNMENT * int(rng.integers(0, 3))
            if lead < pieces[i].size:
                leads[i, i - 1] = lead
        if pieces[i - 1].last == i and pieces[i].size <= pieces[i - 1].size and rng.random() < 0.5:
            together.add((i, i - 1))
    return pieces, leads, frozenset(together)


def assert_sound(chain: Chain, placement: Placement) -> None:
    pieces, leads, together = chain
    assert placement.bound <= placement.size
    for i, j in itertools.combinations(range(len(pieces)), 2):
        a, b = pieces[i], pieces[j]
        if a.first <= b.last and b.first <= a.last:
            at, other = placement.offsets[i], placement.offsets[j]
            same = at == other and ((i, j) in together or (j, i) in together)
            assert same or at + leads.get((i, j), a.size) <= other or other + leads.get((j, i), b.size) <= at
    assert all(o >= 0 and o % ALIGNMENT == 0 for o in placement.offsets)
    assert max(o + p.size for o, p in zip(placement.offsets, pieces, strict=True)) == placement.size


def smallest(chain: Chain) -> int:
    """By trying which of two pieces is the lower one, or neither, for all pairs: longest paths give the offsets."""
    pieces, leads, together = chain
    pairs = [
        (i, j)
        for i, j in itertools.combinations(range(len(pieces)), 2)
        if pieces[i].first <= pieces[j].last and pieces[j].first <= pieces[i].last
    ]
    best = sum(p.size for p in pieces)
    ways = [
        [[(i, j, leads.get((i, j), pieces[i].size))], [(j, i, leads.get((j, i), pieces[j].size))]]
        + ([[(i, j, 0), (j, i, 0)]] if {(i, j), (j, i)} & together else [])
        for i, j in pairs
    ]
    for chosen in itertools.product(*ways):
        edges = [edge for way in chosen for edge in way]
        offsets = [0] * len(pieces)
        for _ in range(len(pieces) + 1):
            before = list(offsets)
            for i, j, gap in edges:
                offsets[j] = max(offsets[j], offsets[i] + gap)
            if offsets == before:
                best = min(best, max(o + p.size for o, p in zip(offsets, pieces, strict=True)))
                break
    return best


@pytest.mark.parametrize("seed", range(60))
def test_finds_the_smallest(seed: int) -> None:
    rng = np.random.default_rng(seed)
    chain = random_chain(rng, int(rng.integers(1, 6)))
    placement = place(*chain)
    assert_sound(chain, placement)
    assert placement.size == placement.bound == smallest(chain)
    assert max(step_bounds(*chain).values()) <= placement.size


@pytest.mark.parametrize("seed", range(30))
def test_large_ones_are_sound(seed: int) -> None:
    rng = np.random.default_rng(100 + seed)
    chain = random_chain(rng, 40)
    placement = place(*chain, work=100_000)
    assert_sound(chain, placement)
    assert placement.size <= 1.2 * placement.bound


def test_without_time_to_search_the_bound_is_that_of_a_step() -> None:
    chain = random_chain(np.random.default_rng(1), 30)
    placement = place(*chain, work=0)
    assert_sound(chain, placement)
    assert placement.bound == max(step_bounds(*chain).values())


def test_an_output_over_its_input() -> None:
    """Twice as large as the input, which it follows at a distance: the input lies at its end."""
    placement = place([Piece(160, 0, 1), Piece(320, 1, 2)], {(1, 0): 176})
    assert placement == Placement((176, 0), 336, 336)


def test_an_output_that_begins_with_its_input() -> None:
    assert place([Piece(320, 0, 1), Piece(160, 1, 2)], {}, frozenset({(1, 0)})) == Placement((0, 0), 320, 320)


def test_an_output_need_not_begin_with_its_input() -> None:
    """Where both have to follow something, one after the other is smaller than together."""
    pieces = [Piece(288, 0, 1), Piece(192, 1, 2), Piece(192, 2, 3), Piece(384, 3, 4)]
    leads = {(1, 0): 0, (3, 2): 192}
    placement = place(pieces, leads, frozenset({(2, 1)}))
    assert placement.size == placement.bound == 384


def test_nothing() -> None:
    assert place([], {}) == Placement((), 0, 0)


def test_more_pieces_than_can_be_searched_have_places_all_the_same() -> None:
    """A thousand that wait for the end together, and shorter ones between, whose places are used again."""
    rng = np.random.default_rng(7)
    pieces = [Piece(ALIGNMENT * int(rng.integers(1, 5)), i, 3000) for i in range(1000)]
    pieces += [Piece(ALIGNMENT * int(rng.integers(1, 5)), i, i + int(rng.integers(0, 3))) for i in range(1500)]
    placement = place(pieces, {})
    assert_sound((pieces, {}, frozenset()), placement)
    assert placement.size < 1.2 * placement.bound
