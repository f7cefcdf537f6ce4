"""Where pieces of memory lie, so that those alive together do not destroy each other and the whole is small.

The pieces' lifetimes are given, and for two pieces that are alive together how far one must begin behind the other if
it is the lower one: its whole size, or less where a kernel writes its output over its input (``Leads``). A kernel that
does so with one group of channels after the other allows both to begin at the same offset only (``Together``). First
fit in several orders gives a placement. Then the smallest size is searched between that and a lower bound: whether a
size will do is decided by branch and bound over the question which of two pieces is the lower one, or neither, with the
lowest and the highest possible offset of every piece propagated after each answer. The search ends after a fixed amount
of work, counted in pairs that were looked at, so that results do not depend on the computer's speed.
"""

from __future__ import annotations

import bisect
import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

ALIGNMENT = 16
"""Bytes. Enough for every vector load of the supported cores."""
WORK = 4_000_000
"""Pairs of pieces that all searches for one model may look at: about a second."""

PAIRS = 300_000
"""Pairs of pieces that are alive together: as many as of 800 values that all wait for the end. Of more, places are
given one behind the other: each pair would take time and memory before any search begins."""

Leads = Mapping[tuple[int, int], int]
"""(lower piece, upper piece) -> bytes between their beginnings, if less than the lower one's size."""

Together = frozenset[tuple[int, int]]
"""(output, input): pieces that may also begin at the same offset."""


@dataclass(frozen=True)
class Part:
    """Bytes ``start`` to ``end`` (exclusive) of a piece, alive from step ``first`` to step ``last``."""

    start: int
    end: int
    first: int
    last: int


@dataclass(frozen=True)
class Piece:
    """``size`` bytes, a multiple of ALIGNMENT, alive from step ``first`` to step ``last``.

    ``parts`` are there where not all of it is alive for as long: a value that is written or read row by row.
    """

    size: int
    first: int
    last: int
    parts: tuple[Part, ...] = ()

    def written_at(self, step: int) -> int:
        """Bytes that come to life at a step."""
        return sum(p.end - p.start for p in self._parts if p.first == step)

    def read_last_at(self, step: int) -> int:
        """Bytes that die at a step."""
        return sum(p.end - p.start for p in self._parts if p.last == step)

    def alive_at(self, step: int) -> int:
        """Bytes that are alive at a step."""
        return sum(p.end - p.start for p in self._parts if p.first <= step <= p.last)

    @property
    def _parts(self) -> tuple[Part, ...]:
        return self.parts or (Part(0, self.size, self.first, self.last),)


@dataclass(frozen=True)
class Placement:
    """Offsets in the order of the pieces, and ``bound``: no placement of these pieces is smaller.

    ``step_bounds`` is what the function of that name found for these pieces.
    """

    offsets: tuple[int, ...]
    size: int
    bound: int
    step_bounds: Mapping[int, int] = field(default_factory=dict, compare=False)


def align(size: int) -> int:
    """The next multiple of ALIGNMENT."""
    return -(-size // ALIGNMENT) * ALIGNMENT


def place(pieces: Sequence[Piece], leads: Leads, together: Together = frozenset(), *, work: int = WORK) -> Placement:
    """The smallest placement that is found with so much work.

    Args:
        leads: multiples of ALIGNMENT, negative only where a piece has parts. The lower piece is written, and the upper
            one read for the last time, in the same step; or one of them has parts, which are not alive together where
            they lie over each other.
        together: the output is written, and the input read for the last time, in the same step.
    """
    if not pieces:
        return Placement((), 0, 0)
    if _alive_together(pieces) > PAIRS:
        offsets = _one_behind_the_other(pieces)
        size = max(offset + piece.size for offset, piece in zip(offsets, pieces, strict=True))
        bounds = step_bounds(pieces, leads, together)
        return Placement(tuple(offsets), size, max(bounds.values()), bounds)
    problem = _Problem(pieces, leads, together, work)
    bounds = step_bounds(pieces, leads, together)
    low = max(bounds.values())
    offsets = problem.first_fit(low)
    high = problem.size_of(offsets)
    # `high` is possible. Sizes below `bound` are impossible; those from there to `low` were not decided in time.
    bound = size = low
    while low < high:
        found = problem.fit_in(size)
        if found is not None:
            offsets, high = found, problem.size_of(found)
        else:
            low = size + ALIGNMENT
            if problem.work_left > 0:
                bound = low
        size = (low + high) // 2 // ALIGNMENT * ALIGNMENT
    return Placement(tuple(offsets), high, bound, bounds)


def _alive_together(pieces: Sequence[Piece]) -> int:
    """How many pairs of pieces are alive at the same time."""
    ends: list[int] = []
    pairs = 0
    for piece in sorted(pieces, key=lambda p: p.first):
        while ends and ends[0] < piece.first:
            heapq.heappop(ends)
        pairs += len(ends)
        heapq.heappush(ends, piece.last)
    return pairs


def _one_behind_the_other(pieces: Sequence[Piece]) -> list[int]:
    """Offsets as a heap would give them, in the order of time: each piece in the first gap that is large enough."""
    offsets = [0] * len(pieces)
    alive: list[tuple[int, int]] = []  # last step, number
    gaps: list[tuple[int, int]] = [(0, sum(piece.size for piece in pieces))]  # start, end; in the order of addresses
    for i in sorted(range(len(pieces)), key=lambda i: pieces[i].first):
        while alive and alive[0][0] < pieces[i].first:
            _, gone = heapq.heappop(alive)
            _give_back(gaps, offsets[gone], offsets[gone] + pieces[gone].size)
        at = next(g for g, (start, end) in enumerate(gaps) if end - start >= pieces[i].size)
        start, end = gaps[at]
        offsets[i] = start
        gaps[at : at + 1] = [(start + pieces[i].size, end)] if end - start > pieces[i].size else []
        heapq.heappush(alive, (pieces[i].last, i))
    return offsets


def _give_back(gaps: list[tuple[int, int]], start: int, end: int) -> None:
    at = bisect.bisect(gaps, (start, end))
    if at < len(gaps) and gaps[at][0] == end:
        end = gaps.pop(at)[1]
    if at and gaps[at - 1][1] == start:
        at -= 1
        start = gaps.pop(at)[0]
    gaps.insert(at, (start, end))


def step_bounds(pieces: Sequence[Piece], leads: Leads, together: Together = frozenset()) -> dict[int, int]:
    """For each step at which a piece begins or ends the bytes that no placement can go below.

    It is the sum of those that are alive; an output over its inputs counts with these as little as its leads allow,
    or, of pieces with parts, as if it could lie anywhere over them.
    """
    steps = {p.first for p in pieces} | {p.last for p in pieces}
    steps |= {step for piece in pieces for part in piece.parts for step in (part.first, part.last)}
    alive = _alive_at(pieces, steps)
    least = {**leads, **dict.fromkeys(together, 0)}
    for lower, upper in least:
        if pieces[lower].parts or pieces[upper].parts:
            least[lower, upper] = 0
    return {step: align(_step_bound(pieces, least, step, alive[step])) for step in steps}


def _alive_at(pieces: Sequence[Piece], steps: set[int]) -> dict[int, list[int]]:
    """For each step the numbers of the pieces that are alive."""
    return {step: [i for i, p in enumerate(pieces) if p.first <= step <= p.last] for step in steps}


def _step_bound(pieces: Sequence[Piece], leads: Leads, step: int, alive: Sequence[int]) -> int:
    whole = sum(pieces[i].alive_at(step) for i in alive)
    written = [(i, size) for i in alive if (size := pieces[i].written_at(step))]
    read = [(i, size) for i in alive if (size := pieces[i].read_last_at(step))]
    for target, size in written:
        over = [(leads[target, i], bytes_read) for i, bytes_read in read if (target, i) in leads]
        if over:
            sources = sum(bytes_read for _, bytes_read in over)
            whole -= size + sources - max(size, min(lead for lead, _ in over) + sources)
    return whole


_Way = tuple[tuple[int, int, int], ...]
"""(lower, upper, bytes between their beginnings at the least), all of them."""
_Above = dict[int, list[tuple[int, int]]]
"""lower -> (upper, bytes between their beginnings at the least)"""


def _add(above: _Above, way: _Way) -> None:
    for lower, upper, gap in way:
        above.setdefault(lower, []).append((upper, gap))


class _Problem:
    def __init__(self, pieces: Sequence[Piece], leads: Leads, together: Together, work: int) -> None:
        self.pieces = pieces
        self.together = together | {(j, i) for i, j in together}
        self.count = len(pieces)
        self.work_left = work
        self.gaps: list[dict[int, int]] = [{} for _ in pieces]
        """For each piece those alive with it, and how far these must begin behind it, if they are above it."""
        for i, a in enumerate(pieces):
            for j, b in enumerate(pieces):
                if i != j and a.first <= b.last and b.first <= a.last:
                    self.gaps[i][j] = leads.get((i, j), a.size)
        self.pairs = [(i, j) for i in range(self.count) for j in self.gaps[i] if i < j]
        # The largest first: what is decided about them decides the most.
        self.pairs.sort(key=lambda p: (-min(pieces[p[0]].size, pieces[p[1]].size), p))

    def size_of(self, offsets: Sequence[int]) -> int:
        return max(offset + piece.size for offset, piece in zip(offsets, self.pieces, strict=True))

    def first_fit(self, enough: int) -> list[int]:
        """The best of several orders, each piece as low as it can be among those before it."""
        pieces, numbers = self.pieces, range(self.count)
        orders = (
            sorted(numbers, key=lambda i: (-pieces[i].size, pieces[i].first)),
            sorted(numbers, key=lambda i: (-(pieces[i].last - pieces[i].first + 1) * pieces[i].size, pieces[i].first)),
            sorted(numbers, key=lambda i: (-(pieces[i].last - pieces[i].first), -pieces[i].size)),
            sorted(numbers, key=lambda i: (pieces[i].first, -pieces[i].size)),
            sorted(numbers, key=lambda i: (-pieces[i].last, -pieces[i].size)),
        )
        best: list[int] = []
        for order in orders:
            offsets = self._fit_in_order(order)
            if not best or self.size_of(offsets) < self.size_of(best):
                best = offsets
            if self.size_of(best) <= enough:
                break
        return best

    def _fit_in_order(self, order: Sequence[int]) -> list[int]:
        offsets: dict[int, int] = {}
        for i in order:
            near = [j for j in self.gaps[i] if j in offsets]
            # Between these two, exclusive, it cannot begin.
            taken = sorted((offsets[j] - self.gaps[i][j], offsets[j] + self.gaps[j][i]) for j in near)
            at = 0
            for start, end in taken:
                if at <= start:
                    break
                at = max(at, end)
            shared = {offsets[j] for j in near if (i, j) in self.together}
            offsets[i] = min([at, *(s for s in shared if all(self._apart(i, s, j, offsets[j]) for j in near))])
        return [offsets[i] for i in range(self.count)]

    def fit_in(self, size: int) -> list[int] | None:
        """Offsets within ``size`` bytes; None when there are none, or too much work is needed."""
        lowest = [0] * self.count
        highest = [size - piece.size for piece in self.pieces]
        if min(highest) < 0:
            return None
        return self._search(lowest, highest, list(self.pairs))

    def _search(self, lowest: list[int], highest: list[int], pairs: list[tuple[int, int]]) -> list[int] | None:
        """Depth first, without recursion: a stack of what is still to be tried."""
        above: _Above = {}
        stack = [(lowest, highest, pairs, above)]
        while stack:
            lowest, highest, pairs, above = stack.pop()
            undecided = self._propagate(lowest, highest, pairs, above)
            if self.work_left <= 0:
                return None
            if undecided is None:
                continue
            clash = next(((i, j) for i, j in undecided if not self._apart(i, lowest[i], j, lowest[j])), None)
            if clash is None:
                return lowest
            rest = [p for p in undecided if p != clash]
            # Tried first (pushed last): what moves a piece less far up.
            ways = sorted(self._ways(*clash), key=lambda w: max(lowest[i] + gap - lowest[j] for i, j, gap in w))
            for way in reversed(ways):
                decided = {k: list(v) for k, v in above.items()}
                _add(decided, way)
                stack.append((list(lowest), list(highest), rest, decided))
        return None

    def _apart(self, i: int, at: int, j: int, other: int) -> bool:
        """Whether pieces at these offsets do not destroy each other."""
        same = at == other and (i, j) in self.together
        return same or at + self.gaps[i][j] <= other or other + self.gaps[j][i] <= at

    def _ways(self, i: int, j: int) -> list[_Way]:
        """One below the other, or both at the same offset."""
        ways: list[_Way] = [((i, j, self.gaps[i][j]),), ((j, i, self.gaps[j][i]),)]
        if (i, j) in self.together:
            ways.append(((i, j, 0), (j, i, 0)))
        return ways

    def _may_share(self, pair: tuple[int, int], lowest: Sequence[int], highest: Sequence[int]) -> bool:
        """Whether there is an offset that both may have."""
        i, j = pair
        return lowest[i] <= highest[j] and lowest[j] <= highest[i]

    def _propagate(
        self, lowest: list[int], highest: list[int], pairs: list[tuple[int, int]], above: _Above
    ) -> list[tuple[int, int]] | None:
        """Narrow offsets by what was decided, decide what has only one answer left; None when something has none.

        Changes all but ``pairs``; returns the pairs that are not decided.
        """
        gaps, together = self.gaps, self.together
        decided = sum(map(len, above.values()))
        while self.work_left > 0:
            self.work_left -= decided
            changed = False
            for i, uppers in above.items():
                for j, gap in uppers:
                    if lowest[i] + gap > lowest[j]:
                        lowest[j] = lowest[i] + gap
                        changed = True
                    if highest[j] - gap < highest[i]:
                        highest[i] = highest[j] - gap
                        changed = True
                    if lowest[j] > highest[j] or lowest[i] > highest[i]:
                        return None
            if changed:
                continue
            self.work_left -= len(pairs)
            undecided = []
            for pair in pairs:  # most of all time is spent here
                i, j = pair
                i_lower = lowest[i] + gaps[i][j] <= highest[j]
                j_lower = lowest[j] + gaps[j][i] <= highest[i]
                if (i_lower and j_lower) or (pair in together and self._may_share(pair, lowest, highest)):
                    if i_lower or j_lower:
                        undecided.append(pair)
                        continue
                    way = self._ways(i, j)[-1]
                elif i_lower or j_lower:
                    way = self._ways(i, j)[0 if i_lower else 1]
                else:
                    return None
                _add(above, way)
                decided += len(way)
                changed = True
            if not changed:
                return undecided
            pairs = undecided
        return None
