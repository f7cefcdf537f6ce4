"""The choice among ways: the best of all combinations, where there are few enough to try them."""

from __future__ import annotations

import itertools
from typing import get_args

import numpy as np
import pytest

from tinykit.compiler.choice import Optimize, choose
from tinykit.compiler.kernels.base import ConstArray, KernelCall, Lowered


def call(kernel: str, instructions: int | None, constants: int = 0, code: int = 0) -> KernelCall:
    params = {"weights": ConstArray("int8_t", np.zeros(constants, np.int8))}
    return KernelCall(kernel, params, (), instructions=instructions, code=code)


def kernels(lowered: list[Lowered]) -> list[str]:
    return [one.kernel for entry in lowered for one in entry.calls]


def test_speed_takes_the_fewest_instructions_of_each_layer() -> None:
    layers = [Lowered((call("c", 100),), alternatives=((call("fast", 50, code=9999),), (call("slow", 150),)))] * 2
    assert kernels(choose(layers, "speed")) == ["fast", "fast"]


def test_a_kernel_that_one_layer_needs_anyway_costs_the_others_nothing() -> None:
    layer = Lowered((call("c", 100, 10, 500),), alternatives=((call("fast", 90, 20, 600),),))
    only = Lowered((call("c", 100, 10, 500),))
    assert kernels(choose([layer, layer], "size")) == ["c", "c"]
    assert kernels(choose([layer, only], "size")) == ["c", "c"]
    fast_only = Lowered((call("fast", 90, 20, 600),))
    assert kernels(choose([layer, fast_only], "size")) == ["fast", "fast"]


def test_kernels_without_a_model_are_not_compared() -> None:
    layer = Lowered((call("c", None),), alternatives=((call("fast", 90),),))
    assert kernels(choose([layer], "size")) == ["fast"]
    assert kernels(choose([Lowered((call("c", None),))], "speed")) == ["c"]


def test_an_op_without_code_stays_as_it_is() -> None:
    assert choose([Lowered()], "balanced") == [Lowered()]


def cost(chosen: list[Lowered], optimize: Optimize) -> float:
    """What is made small, said another way than in choice.py."""
    calls = [one for entry in chosen for one in entry.calls]
    instructions = sum(one.instructions or 0 for one in calls)
    flash = sum(array.nbytes for one in calls for _, array in one.arrays())
    flash += sum({one.kernel: one.code for one in calls}.values())
    return {"speed": instructions, "size": flash, "balanced": instructions * flash}[optimize]


@pytest.mark.parametrize("optimize", get_args(Optimize))
def test_no_combination_is_much_better(optimize: Optimize) -> None:
    rng = np.random.default_rng(5)
    ratios = []
    for _ in range(60):
        code = dict(zip("abcd", (int(v) for v in rng.integers(200, 3000, 4)), strict=True))
        layers = []
        for _ in range(5):
            names = rng.permutation(list("abcd"))[: rng.integers(1, 4)]
            ways = [(call(n, int(rng.integers(10, 2000)), int(rng.integers(1, 800)), code[n]),) for n in names]
            layers.append(Lowered(ways[0], alternatives=tuple(ways[1:])))
        best = min(
            cost([Lowered(way) for way in combination], optimize)
            for combination in itertools.product(*((entry.calls, *entry.alternatives) for entry in layers))
        )
        ratios.append(cost(choose(layers, optimize), optimize) / best)
    assert min(ratios) == 1
    assert np.mean(ratios) < 1.01
    assert max(ratios) < 1.25
