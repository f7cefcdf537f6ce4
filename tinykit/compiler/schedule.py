"""In which order operators are executed, where the graph leaves a choice: the one with the lowest peak of memory.

States are sets of operators that were executed; the way from none to all whose largest step is smallest is found by
Dijkstra's search. What a step needs is the sum of what is alive, less what its output may share with its inputs: the
bound that ``placement.py`` starts from. A graph with too many states keeps its order.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

from tinykit.compiler.kernels.base import In, Lowered, Out, State
from tinykit.compiler.placement import align
from tinykit.graph.types import Graph

STATES = 5_000
"""States that are looked at: a second, at most."""
STEPS = 600
"""Of longer graphs not even the order that they have is looked at, which takes the square of their length."""


@dataclass(frozen=True)
class _Node:
    """An operator: the values it reads and writes, what else it needs, and what it can share at best."""

    reads: frozenset[int]
    writes: frozenset[int]
    scratch: int
    shares: tuple[tuple[int, int, int], ...]
    """(value read, value written, bytes by which the latter must begin before the former)"""


def schedule(graph: Graph, lowered: Sequence[Lowered]) -> list[int]:
    """The order of ``lowered`` with the lowest peak, as numbers of its entries; their own if none is lower."""
    if has_order_of_its_own(lowered):
        return list(range(len(lowered)))
    values = _values(graph, lowered)
    steps = [i for i, entry in enumerate(lowered) if entry.calls]
    if len(steps) > STEPS:
        return list(range(len(lowered)))
    nodes = [_node(graph, lowered[i], values) for i in steps]
    sizes = {value: align(graph.tensor(value).nbytes) for value in set(values.values())}
    memory = _Memory(nodes, sizes, frozenset(values[i] for i in graph.outputs if i in values))
    order = _lowest_peak(nodes, memory)
    return list(range(len(lowered))) if order is None else _with_aliases(graph, lowered, [steps[i] for i in order])


def has_order_of_its_own(lowered: Sequence[Lowered]) -> bool:
    """Whether more than values orders the steps: loops and branches, or two steps with the same state."""
    states = [{a.name for call in entry.calls for a in call.args if isinstance(a, State)} for entry in lowered]
    names = [name for one in states for name in one]
    return any(entry.control is not None for entry in lowered) or len(names) > len(set(names))


def _lowest_peak(nodes: Sequence[_Node], memory: _Memory) -> list[int] | None:
    """The order of the nodes with the lowest peak; None if theirs has it, or there are too many."""
    writer = {value: i for i, node in enumerate(nodes) for value in node.writes}
    needs = [sum({1 << writer[v] for v in node.reads if writer.get(v, i) != i}) for i, node in enumerate(nodes)]
    everything = (1 << len(nodes)) - 1
    own = max((memory.of_step(memory.alive((1 << i) - 1), (1 << i) - 1, i) for i in range(len(nodes))), default=0)
    best = {0: 0}
    last: dict[int, int] = {}
    queue = [(0, 0)]
    while queue:
        peak, state = heapq.heappop(queue)
        if state == everything or peak >= own:
            break
        if peak > best[state]:
            continue
        alive = memory.alive(state)
        for i, need in enumerate(needs):
            if state >> i & 1 or need & ~state:
                continue
            after = state | 1 << i
            reached = max(peak, memory.of_step(alive, state, i))
            if after not in best or reached < best[after]:
                if len(best) >= STATES:
                    return None
                best[after] = reached
                last[after] = i
                heapq.heappush(queue, (reached, after))
    if best.get(everything, own) >= own:
        return None
    order = []
    state = everything
    while state:
        order.append(last[state])
        state &= ~(1 << last[state])
    return order[::-1]


def _with_aliases(graph: Graph, lowered: Sequence[Lowered], steps: Sequence[int]) -> list[int]:
    """The steps, and each alias as soon as what it renames is there."""
    there = {*graph.inputs, *(i for i, tensor in graph.tensors.items() if tensor.is_constant)}
    waiting = [i for i, entry in enumerate(lowered) if not entry.calls]
    order: list[int] = []
    for step in (None, *steps):
        if step is not None:
            order.append(step)
            there.update(arg.tensor for call in lowered[step].calls for arg in call.values)
        for i in list(waiting):
            alias = lowered[i].alias
            if alias is None or alias.source in there:
                order.append(i)
                waiting.remove(i)
                there.update([alias.target] if alias else [])
    return order


def _values(graph: Graph, lowered: Sequence[Lowered]) -> dict[int, int]:
    """Each tensor in the arena -> the first of those that share its memory."""
    values: dict[int, int] = {i: i for i in graph.inputs}
    for entry in lowered:
        if entry.alias is not None:
            source = values.setdefault(entry.alias.source, entry.alias.source)
            values[entry.alias.target] = source
        for call in entry.calls:
            for arg in call.values:
                if not graph.tensor(arg.tensor).is_constant:
                    values.setdefault(arg.tensor, arg.tensor)
    return values


def _node(graph: Graph, entry: Lowered, values: dict[int, int]) -> _Node:
    args = [arg for call in entry.calls for arg in call.values if not graph.tensor(arg.tensor).is_constant]
    shares: list[tuple[int, int, int]] = []
    if len(entry.calls) == 1:
        call = entry.calls[0]
        shares += [
            (values[o.source], values[o.target], align(max(0, o.lead))) for o in call.overlaps if o.source in values
        ]
        shares += [(values[s], values[t], 0) for s, t in call.in_place if s in values]
    return _Node(
        frozenset(values[a.tensor] for a in args if isinstance(a, In)),
        frozenset(values[a.tensor] for a in args if isinstance(a, Out)),
        align(max((call.scratch or 0 for call in entry.calls), default=0)),
        tuple(shares),
    )


class _Memory:
    """What is alive when."""

    def __init__(self, nodes: Sequence[_Node], sizes: dict[int, int], outputs: frozenset[int]) -> None:
        self.nodes = nodes
        self.sizes = sizes
        self.outputs = outputs
        written = frozenset(v for node in nodes for v in node.writes)
        self.inputs = frozenset(sizes) - written
        self.readers = {v: sum(1 << i for i, node in enumerate(nodes) if v in node.reads) for v in sizes}
        self.writers = {v: sum(1 << i for i, node in enumerate(nodes) if v in node.writes) for v in sizes}

    def alive(self, state: int) -> frozenset[int]:
        """Values that are there after the steps in ``state``, and needed later."""
        return frozenset(v for v in self.sizes if self._is_alive(v, state))

    def of_step(self, alive: frozenset[int], state: int, step: int) -> int:
        """Bytes needed while ``step`` runs after those in ``state``."""
        node = self.nodes[step]
        total = sum(self.sizes[v] for v in alive | node.writes) + node.scratch
        left = ~(state | 1 << step)
        saved = 0
        for source, target, lead in node.shares:
            if source in alive and source not in self.outputs and not self.readers[source] & left:
                together = max(self.sizes[target], lead + self.sizes[source])
                saved = max(saved, self.sizes[target] + self.sizes[source] - together)
        return total - saved

    def _is_alive(self, value: int, state: int) -> bool:
        made = value in self.inputs or bool(self.writers[value] & state)
        return made and (value in self.outputs or bool(self.readers[value] & ~state))
