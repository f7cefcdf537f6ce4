"""Whole models whose values lie over each other, held to TFLite-Micro."""

from __future__ import annotations

import numpy as np
import pytest

from compiler.chain_models import random_network
from support.check import check_op
from support.native import compile_bytes
from support.seeds import many
from support.slow import rest_slow


@pytest.mark.parametrize("dtype", rest_slow(["int8", "float32"]))
@pytest.mark.parametrize("seed", rest_slow(range(4)))
def test_random_networks(seed: int, dtype: str) -> None:
    rng = np.random.default_rng(seed)
    check_op(random_network(rng, dtype), 3, rng, atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["int8", "float32"])
@pytest.mark.parametrize("seed", many(4, 60))
def test_many_random_networks(seed: int, dtype: str) -> None:
    rng = np.random.default_rng(seed)
    check_op(random_network(rng, dtype), 3, rng, atol=1e-4)


def test_values_do_lie_over_each_other() -> None:
    """Else the tests above show nothing."""
    overlapping = 0
    for seed in range(20):
        plan = compile_bytes(random_network(np.random.default_rng(seed), "int8").build()).plan
        for a in plan.buffers:
            for b in plan.buffers:
                together = a is not b and a.last == b.first
                overlapping += together and a.offset < b.offset + b.size and b.offset < a.offset + a.size
    assert overlapping > 20
