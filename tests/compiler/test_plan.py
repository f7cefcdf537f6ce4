"""The memory planner: nothing alive overlaps, and the bound is a bound."""

from __future__ import annotations

import numpy as np
import pytest

from tinykit.compiler.kernels.base import Alias, In, KernelCall, Lowered, Out
from tinykit.compiler.plan import ALIGNMENT, MemoryPlan, plan_memory
from tinykit.graph.options import Options
from tinykit.graph.types import DType, Graph, Op, Tensor


def graph_of(sizes: dict[int, int], inputs: tuple[int, ...], outputs: tuple[int, ...]) -> Graph:
    tensors = {i: Tensor(i, f"t{i}", (size,), DType.INT8) for i, size in sizes.items()}
    return Graph("g", "0" * 64, tensors, (Op(0, "X", inputs, outputs, Options()),), inputs, outputs)


def step(reads: list[int], writes: list[int], **more: object) -> Lowered:
    args = (*(In(i) for i in reads), *(Out(i) for i in writes))
    return Lowered((KernelCall("k", {}, args, **more),))  # type: ignore[arg-type]


def assert_sound(plan: MemoryPlan) -> None:
    for i, a in enumerate(plan.buffers):
        assert a.offset % ALIGNMENT == 0
        assert a.offset + a.size <= plan.arena_bytes
        for b in plan.buffers[i + 1 :]:
            alive_together = a.first <= b.last and b.first <= a.last
            apart = a.offset + a.size <= b.offset or b.offset + b.size <= a.offset
            assert not alive_together or apart, (a, b)
    assert plan.lower_bound <= plan.arena_bytes


def test_a_chain_needs_two_neighbours_only() -> None:
    graph = graph_of({0: 64, 1: 128, 2: 64, 3: 16}, (0,), (3,))
    plan = plan_memory(graph, [step([0], [1]), step([1], [2]), step([2], [3])])
    assert_sound(plan)
    assert plan.arena_bytes == plan.lower_bound == 64 + 128


def test_a_value_lives_until_its_last_reader() -> None:
    graph = graph_of({0: 64, 1: 64, 2: 64, 3: 64}, (0,), (3,))
    plan = plan_memory(graph, [step([0], [1]), step([1], [2]), step([0, 2], [3])])
    assert_sound(plan)
    assert plan.lower_bound == 3 * 64


def test_aliases_share_memory() -> None:
    graph = graph_of({0: 64, 1: 64, 2: 16}, (0,), (2,))
    plan = plan_memory(graph, [Lowered(alias=Alias(0, 1)), step([1], [2])])
    assert_sound(plan)
    assert plan.offset_of(0) == plan.offset_of(1)
    assert plan.arena_bytes == 64 + 16


def test_in_place_results_overwrite_their_input() -> None:
    graph = graph_of({0: 64, 1: 64, 2: 64}, (0,), (2,))
    plan = plan_memory(graph, [step([0], [1], in_place=((0, 1),)), step([1], [2], in_place=((1, 2),))])
    assert plan.arena_bytes == 64


def test_an_input_that_is_read_again_is_not_overwritten() -> None:
    graph = graph_of({0: 64, 1: 64, 2: 64}, (0,), (2,))
    plan = plan_memory(graph, [step([0], [1], in_place=((0, 1),)), step([0, 1], [2])])
    assert_sound(plan)
    assert plan.offset_of(0) != plan.offset_of(1)


def test_an_output_is_kept_although_read_in_place() -> None:
    graph = graph_of({0: 64, 1: 64, 2: 64}, (0,), (1, 2))
    plan = plan_memory(graph, [step([0], [1]), step([1], [2], in_place=((1, 2),))])
    assert_sound(plan)
    assert plan.offset_of(1) != plan.offset_of(2)


def test_scratch_lives_for_one_step() -> None:
    graph = graph_of({0: 64, 1: 64, 2: 64}, (0,), (2,))
    plan = plan_memory(graph, [step([0], [1], scratch=100), step([1], [2], scratch=0)])
    assert_sound(plan)
    assert plan.scratch[0].size == 112
    assert 1 not in plan.scratch
    assert plan.lower_bound == 64 + 64 + 112


@pytest.mark.parametrize("seed", range(40))
def test_random_graphs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = int(rng.integers(3, 40))
    sizes = {i: int(rng.integers(1, 5000)) for i in range(count)}
    steps = []
    for i in range(1, count):
        reads = sorted({int(v) for v in rng.integers(max(0, i - 4), i, 2)})
        same = [(r, i) for r in reads if sizes[r] == sizes[i]]
        steps.append(step(reads, [i], scratch=int(rng.choice([0, 200])), in_place=tuple(same)))
    plan = plan_memory(graph_of(sizes, (0,), (count - 1,)), steps)
    assert_sound(plan)
    assert plan.arena_bytes <= 1.35 * plan.lower_bound
