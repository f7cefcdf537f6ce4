"""The order of operators: lower peaks where the graph has branches, and nothing before what it needs."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from compiler.test_plan import graph_of, step
from support.check import check_op
from support.native import compile_bytes
from support.tflite_builder import ModelBuilder
from tinykit.compiler.kernels.base import Alias, In, Lowered
from tinykit.compiler.plan import plan_memory
from tinykit.compiler.schedule import schedule


def reads(entry: Lowered) -> list[int]:
    return [arg.tensor for call in entry.calls for arg in call.args if isinstance(arg, In)]


def is_possible(steps: list[Lowered], order: tuple[int, ...] | list[int]) -> bool:
    """Tensor i + 1 is written by step i."""
    return all(r == 0 or order.index(r - 1) < at for at, i in enumerate(order) for r in reads(steps[i]))


@pytest.mark.parametrize("seed", range(40))
def test_no_order_has_a_lower_peak(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 7))
    sizes = {i: 16 * int(rng.integers(1, 30)) for i in range(count + 1)}
    steps = [step(sorted({int(v) for v in rng.integers(0, i, 2)}), [i]) for i in range(1, count + 1)]
    graph = graph_of(sizes, (0,), (count,))
    order = schedule(graph, steps)
    assert sorted(order) == list(range(count))
    assert is_possible(steps, order)

    def peak(numbers: tuple[int, ...] | list[int]) -> int:
        return plan_memory(graph, [steps[i] for i in numbers]).lower_bound

    possible = [p for p in itertools.permutations(range(count)) if is_possible(steps, p)]
    # the plan's bound may be above the peak where values do not fit together
    assert peak(order) <= 1.1 * min(peak(p) for p in possible)


def test_a_chain_keeps_its_order() -> None:
    graph = graph_of({0: 64, 1: 128, 2: 64, 3: 16}, (0,), (3,))
    assert schedule(graph, [step([0], [1]), step([1], [2]), step([2], [3])]) == [0, 1, 2]


def test_aliases_come_before_their_readers() -> None:
    graph = graph_of({0: 64, 1: 640, 2: 640, 3: 640, 4: 16, 5: 16, 6: 16}, (0,), (6,))
    steps = [
        step([0], [1]),
        step([0], [2]),
        Lowered(alias=Alias(1, 3)),
        step([3], [4]),
        step([2], [5]),
        step([4, 5], [6]),
    ]
    order = schedule(graph, steps)
    assert order != sorted(order)
    assert order.index(0) < order.index(2) < order.index(3)
    assert plan_memory(graph, [steps[i] for i in order]).arena_bytes < plan_memory(graph, steps).arena_bytes


def test_a_model_with_branches() -> None:
    """Two wide branches, which the file has side by side."""
    rng = np.random.default_rng(0)
    m = ModelBuilder()
    x = m.input((1, 8, 8, 2), "int8", scale=0.1, zero_point=0)

    def conv(source: int, shape: tuple[int, ...], channels: int, stride: int) -> int:
        w = m.const(rng.integers(-127, 128, (channels, 1, 1, shape[3]), np.int8), scale=0.02, zero_point=0)
        y = m.tensor((1, shape[1] // stride, shape[2] // stride, channels), "int8", scale=0.1, zero_point=0)
        m.op("CONV_2D", [source, w], [y], padding="SAME", stride_h=stride, stride_w=stride)
        return y

    wide = [conv(x, (1, 8, 8, 2), 40, 1) for _ in range(3)]
    narrow = [conv(w, (1, 8, 8, 40), 2, 2) for w in wide]
    first = m.tensor((1, 4, 4, 2), "int8", scale=0.2, zero_point=0)
    m.op("ADD", narrow[:2], [first], fused_activation_function="NONE")
    last = m.output((1, 4, 4, 2), "int8", scale=0.2, zero_point=0)
    m.op("ADD", [first, narrow[2]], [last], fused_activation_function="NONE")
    check_op(m, 3, rng)
    assert compile_bytes(m.build()).plan.arena_bytes < 2 * 8 * 8 * 40
