"""Subsets are convex, of supported operators only, and the first is as large as it can be."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tinykit.edgetpu.partition import partition


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[list[int]], list[bool]]:
    count = draw(st.integers(0, 24))
    reads = [draw(st.lists(st.integers(0, i - 1), max_size=3, unique=True)) if i else [] for i in range(count)]
    return reads, draw(st.lists(st.booleans(), min_size=count, max_size=count))


def ancestors(reads: list[list[int]]) -> list[set[int]]:
    found: list[set[int]] = []
    for sources in reads:
        found.append({a for j in sources for a in (j, *found[j])})
    return found


def literal(reads: list[list[int]], supported: list[bool]) -> list[tuple[int, ...]]:
    """TensorFlow Lite's way, step by step: each subset takes the kind of the first operator that is ready, and all
    of that kind that become ready."""
    done: set[int] = set()
    subsets = []
    while len(done) < len(reads):
        ready = [i for i in range(len(reads)) if i not in done and done.issuperset(reads[i])]
        kind, subset = supported[ready[0]], []
        for i in range(len(reads)):
            if i not in done and supported[i] is kind and done.issuperset(reads[i]):
                done.add(i)
                subset.append(i)
        if kind:
            subsets.append(tuple(subset))
    return subsets


@given(graphs())
def test_as_tensorflow_lite_cuts_a_graph(graph: tuple[list[list[int]], list[bool]]) -> None:
    assert partition(*graph, multi=True) == literal(*graph)
    assert partition(*graph, multi=False) == literal(*graph)[:1]


@given(graphs())
def test_every_subset_is_convex(graph: tuple[list[list[int]], list[bool]]) -> None:
    reads, supported = graph
    above = ancestors(reads)
    for subset in partition(reads, supported, multi=True):
        inside = set(subset)
        for i in subset:
            for outside in above[i] - inside:
                assert not above[outside] & inside, "a path leaves the subset and comes back"


@given(graphs())
def test_all_supported_operators_are_in_one_subset_each(graph: tuple[list[list[int]], list[bool]]) -> None:
    reads, supported = graph
    taken = [i for subset in partition(reads, supported, multi=True) for i in subset]
    assert sorted(taken) == [i for i, s in enumerate(supported) if s]


@given(graphs())
def test_nothing_behind_an_operator_that_follows_the_subset_is_in_it(
    graph: tuple[list[list[int]], list[bool]],
) -> None:
    reads, supported = graph
    above = ancestors(reads)
    for subset in partition(reads, supported, multi=False):
        cut = {i for i in range(len(reads)) if not supported[i] and above[i] & set(subset)}
        assert not any(above[i] & cut for i in subset)


def test_a_branch_beside_the_unsupported_operator_stays() -> None:
    #  0 -> 1 (unsupported) -> 3
    #  0 -> 2 -------------------^
    assert partition([[], [0], [0], [1, 2]], [True, False, True, True], multi=False) == [(0, 2)]
    assert partition([[], [0], [0], [1, 2]], [True, False, True, True], multi=True) == [(0, 2), (3,)]


def test_unsupported_operators_at_the_input_do_not_matter() -> None:
    assert partition([[], [0], [1], [2]], [False, False, True, True], multi=False) == [(2, 3)]


def test_many_operators_take_no_time() -> None:
    count = 200_000
    chain = [[i - 1] if i else [] for i in range(count)]
    assert len(partition(chain, [bool(i % 2) for i in range(count)], multi=True)) == count // 2
