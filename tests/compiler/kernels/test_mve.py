"""Kernels for Arm cores with Helium: every one of them against TFLite-Micro, on such a core."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from compiler.kernels.binary_models import random_binary_model
from compiler.kernels.mve_models import KINDS, mve_model, plain_layer
from compiler.kernels.test_pool2d import pool_model
from support.check import check_op
from support.cost import check_model_of_cost
from support.machines import MACHINES, Machine, need_machine
from support.probe import need_tools
from support.seeds import many
from support.slow import rest_slow
from support.tight import check_overlaps
from support.ways import check_ways
from tinykit.compiler import Target
from tinykit.compiler.kernels.base import KernelCall
from tinykit.compiler.subgraphs import lower_graph
from tinykit.graph.reader import parse_model

HELIUM = Target("cortex-m55", frozenset({"fpu", "mve"}))
"""The core without the other extension that there are kernels for, which would be tried, too."""

KERNELS = {
    "depthwise": "tk_depthwise_conv2d_mve_s8",
    "depthwise column": "tk_depthwise_conv2d_mve_s8",
    "dense": "tk_fully_connected_mve_s8",
}


def helium() -> Machine:
    return replace(need_machine("m55"), target=HELIUM)


def check_many(kind: str, seeds: range) -> Counter[str]:
    machine = helium()
    tried: Counter[str] = Counter()
    for seed in seeds:
        rng = np.random.default_rng(seed)
        try:
            tried.update(check_ways(mve_model(kind, rng), 3, rng, machine))
        except AssertionError as error:
            raise AssertionError(f"{kind}, seed {seed}: {error}") from error
    return tried


@pytest.mark.parametrize("kind", rest_slow(KINDS))
def test_a_few_random_layers(kind: str) -> None:
    assert check_many(kind, range(2))[KERNELS.get(kind, "tk_conv2d_mve_s8")] >= 1


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_many_random_layers(kind: str) -> None:
    seeds = many(2, 100)
    assert check_many(kind, seeds)[KERNELS.get(kind, "tk_conv2d_mve_s8")] >= len(seeds) / 2


def check_tight(kind: str, seeds: range) -> int:
    machine = helium()
    tried = 0
    for seed in seeds:
        rng = np.random.default_rng(seed)
        try:
            tried += check_overlaps(mve_model(kind, rng), 2, rng, machine=machine)
        except AssertionError as error:
            raise AssertionError(f"{kind}, seed {seed}: {error}") from error
    return tried


@pytest.mark.slow
@pytest.mark.parametrize("kind", rest_slow(["pointwise", "rows"]))
def test_outputs_over_inputs(kind: str) -> None:
    assert check_tight(kind, range(1)) >= 1


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_many_outputs_over_inputs(kind: str) -> None:
    seeds = many(1, 30)
    assert check_tight(kind, seeds) >= len(seeds) / 2


@pytest.mark.slow
@pytest.mark.parametrize("kind", rest_slow(["AVERAGE_POOL_2D", "MAX_POOL_2D"]))
def test_a_few_random_pools(kind: str) -> None:
    check_pools(kind, range(3))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["AVERAGE_POOL_2D", "MAX_POOL_2D"])
def test_many_random_pools(kind: str) -> None:
    check_pools(kind, many(3, 100))


def check_pools(kind: str, seeds: range) -> None:
    machine = helium()
    for seed in seeds:
        rng = np.random.default_rng(seed)
        model = pool_model(rng, kind, "int8")
        assert any("_mve_" in call.kernel for call in offered(model.build()))
        check_op(model, 3, rng, machine=machine)


@pytest.mark.slow
@pytest.mark.parametrize("kind", rest_slow(["ADD", "SUB"]))
def test_random_sums(kind: str) -> None:
    rng = np.random.default_rng(4)
    model = random_binary_model(kind, 60, rng)
    assert sum("_mve_" in call.kernel for call in offered(model.build())) >= 20
    check_op(model, 5, rng, machine=helium())


def offered(tflite: bytes, target: Target = HELIUM) -> Iterator[KernelCall]:
    graph = parse_model(tflite, name="m", where="m")
    for entry in lower_graph(graph, target, "m")[1]:
        for way in entry.lowered.alternatives:
            yield from way


@pytest.mark.slow
def test_all_ways_to_read_and_to_finish_come_up() -> None:
    """Else the tests above show little."""
    ways: Counter[tuple[str, str, object]] = Counter()
    for kind in KINDS:
        for seed in range(100):
            for call in offered(mve_model(kind, np.random.default_rng(seed)).build()):
                for field in ("source", "finish", "saturated", "loads", "passes", "tail"):
                    if field in call.params:
                        ways[call.kernel, field, call.params[field]] += 1
    for source in range(3):
        assert ways["tk_conv2d_mve_s8", "source", source] >= 20
    for finish in range(3):
        assert ways["tk_conv2d_mve_s8", "finish", finish] >= 20
    for passes in (1, 2, 3, 4):
        assert ways["tk_conv2d_mve_s8", "passes", passes] >= 5
    for kernel in ("tk_depthwise_conv2d_mve_s8", "tk_fully_connected_mve_s8"):
        for saturated in (0, 1):
            assert ways[kernel, "saturated", saturated] >= 10
    for loads in (1, 2):
        assert ways["tk_depthwise_conv2d_mve_s8", "loads", loads] >= 10


LAYERS = [
    ("conv2d", "CONV_2D", (1, 9, 7, 32), (24, 1, 1, 32), 1),
    ("conv2d", "CONV_2D", (1, 24, 24, 8), (16, 1, 1, 8), 1),
    ("conv2d", "CONV_2D", (1, 13, 13, 16), (12, 3, 3, 16), 2),
    ("conv2d", "CONV_2D", (1, 10, 10, 8), (16, 5, 5, 8), 1),
    ("conv2d", "CONV_2D", (1, 32, 32, 3), (8, 3, 3, 3), 2),
    ("conv2d", "CONV_2D", (1, 30, 10, 1), (32, 10, 4, 1), 2),
    ("conv2d", "CONV_2D", (1, 7, 7, 64), (64, 3, 3, 64), 1),
    ("depthwise_conv2d", "DEPTHWISE_CONV_2D", (1, 24, 24, 16), (1, 3, 3, 16), 1),
    ("depthwise_conv2d", "DEPTHWISE_CONV_2D", (1, 12, 12, 32), (1, 3, 3, 32), 2),
    ("depthwise_conv2d", "DEPTHWISE_CONV_2D", (1, 48, 48, 8), (1, 3, 3, 8), 1),
    ("depthwise_conv2d", "DEPTHWISE_CONV_2D", (1, 24, 1, 64), (1, 10, 1, 64), 1),
    ("fully_connected", "FULLY_CONNECTED", (1, 128), (64, 128), 1),
    ("fully_connected", "FULLY_CONNECTED", (1, 70), (12, 70), 1),
]


@pytest.mark.slow
@pytest.mark.parametrize("activation", ["NONE", "RELU"])
@pytest.mark.parametrize(("kernel", "kind", "in_shape", "weight_shape", "stride"), LAYERS)
def test_instructions_and_code_are_as_modelled(
    kernel: str,
    kind: str,
    in_shape: tuple[int, ...],
    weight_shape: tuple[int, ...],
    stride: int,
    activation: str,
    tmp_path: Path,
) -> None:
    need_tools("qemu-mps3-an547")
    model = plain_layer(kind, in_shape, weight_shape, stride, activation)
    check_model_of_cost(model, f"tk_{kernel}_mve_s8", "qemu-mps3-an547", tmp_path)


def test_other_cores_are_offered_none_of_them() -> None:
    for kind in KINDS:
        for machine in ("m4", "m0", "rv32"):
            tflite = mve_model(kind, np.random.default_rng(1)).build()
            assert not any("_mve_" in call.kernel for call in offered(tflite, MACHINES[machine].target))
