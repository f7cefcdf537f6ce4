"""Models with a stage in patches, held to TFLite-Micro."""

from __future__ import annotations

import numpy as np
import pytest

from compiler.patches.stage_models import chain, most_patches, stage_network
from support.check import check_op
from support.machines import MACHINES, need_machine
from support.seeds import many
from support.slow import rest_slow


def check_patches(seed: int, dtype: str, machine: str | None = None) -> None:
    rng = np.random.default_rng(seed)
    tflite = stage_network(rng, dtype).build()
    patches = int(rng.integers(2, min(7, most_patches(tflite)) + 1))
    check_op(tflite, 3, rng, atol=1e-4, patches=patches, machine=machine and need_machine(machine))


@pytest.mark.parametrize("dtype", rest_slow(["int8", "float32"]))
@pytest.mark.parametrize("seed", rest_slow(range(3)))
def test_random_networks(seed: int, dtype: str) -> None:
    check_patches(seed, dtype)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["int8", "float32"])
@pytest.mark.parametrize("seed", many(3, 60))
def test_many_random_networks(seed: int, dtype: str) -> None:
    check_patches(seed, dtype)


@pytest.mark.slow
@pytest.mark.parametrize("machine", sorted(MACHINES))
@pytest.mark.parametrize("seed", many(0, 12))
def test_random_networks_with_the_kernels_of_cores(seed: int, machine: str) -> None:
    check_patches(seed, "int8", machine)


@pytest.mark.slow
@pytest.mark.parametrize("machine", sorted(MACHINES))
@pytest.mark.parametrize("seed", range(3))
def test_wide_layers_with_the_kernels_of_cores(seed: int, machine: str) -> None:
    """Channels in fours and more, which most of these kernels are for."""
    rng = np.random.default_rng(seed)
    check_op(chain(rng, height=24), 3, rng, patches="auto", machine=need_machine(machine))


@pytest.mark.parametrize("patches", rest_slow([2, 3, 7, 12]))
def test_any_number_of_patches(patches: int) -> None:
    rng = np.random.default_rng(patches)
    check_op(chain(rng, height=24), 3, rng, patches=patches)
