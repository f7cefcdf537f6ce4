"""Kernels for Arm cores with the DSP extension: every one of them against TFLite-Micro, on such a core."""

from __future__ import annotations

import subprocess
from collections import Counter

import numpy as np
import pytest

from compiler.kernels.dsp_models import KINDS, dsp_model
from support.machines import MACHINES, need_machine
from support.tight import check_overlaps
from support.ways import check_ways
from tinykit.compiler.kernels.base import KernelCall
from tinykit.compiler.kernels.dsp.output import Channel
from tinykit.compiler.lower import lower_graph
from tinykit.graph.reader import parse_model
from tinykit.resources import data_dir

KERNELS = {
    "pointwise": "tk_pointwise_dsp_s8",
    "conv": "tk_conv2d_dsp_s8",
    "few channels": "tk_conv2d_rows_dsp_s8",
    "three columns": "tk_conv2d_w3_dsp_s8",
    "depthwise 3x3": "tk_depthwise3x3_dsp_s8",
    "depthwise": "tk_depthwise_dsp_s8",
    "dense": "tk_fully_connected_dsp_s8",
}


def check_many(kind: str, seeds: range) -> Counter[str]:
    machine = need_machine("m4")
    tried: Counter[str] = Counter()
    for seed in seeds:
        rng = np.random.default_rng(seed)
        try:
            tried.update(check_ways(dsp_model(kind, rng), 3, rng, machine))
        except AssertionError as error:
            raise AssertionError(f"{kind}, seed {seed}: {error}") from error
    return tried


@pytest.mark.parametrize("kind", KINDS)
def test_a_few_random_layers(kind: str) -> None:
    assert check_many(kind, range(6))[KERNELS[kind]] >= 2


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_many_random_layers(kind: str) -> None:
    assert check_many(kind, range(6, 120))[KERNELS[kind]] >= 40


def check_tight(kind: str, seeds: range) -> int:
    machine = need_machine("m4")
    tried = 0
    for seed in seeds:
        rng = np.random.default_rng(seed)
        try:
            tried += check_overlaps(dsp_model(kind, rng), 2, rng, machine=machine)
        except AssertionError as error:
            raise AssertionError(f"{kind}, seed {seed}: {error}") from error
    return tried


@pytest.mark.parametrize("kind", KINDS)
def test_outputs_over_inputs(kind: str) -> None:
    assert check_tight(kind, range(2)) >= 2


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_many_outputs_over_inputs(kind: str) -> None:
    assert check_tight(kind, range(2, 40)) >= 40


def offered(kind: str, seeds: range) -> list[KernelCall]:
    calls = []
    for seed in seeds:
        graph = parse_model(dsp_model(kind, np.random.default_rng(seed)).build(), name="m", where="m")
        (entry,) = lower_graph(graph, MACHINES["m4"].target, "m")
        calls += [call for (call,) in entry.lowered.alternatives]
    return calls


def test_all_ways_to_finish_come_up() -> None:
    """Else the tests above show little."""
    ways: Counter[tuple[str, object]] = Counter()
    for kind in ("pointwise", "depthwise 3x3", "dense"):
        for call in offered(kind, range(120)):
            channels = call.params.get("channels")
            finish = channels.get("finish") if isinstance(channels, dict) else None
            ways[call.kernel, finish if finish is not None else call.params.get("is_signed")] += 1
    for finish in (0, 1, 2):
        assert ways["tk_pointwise_dsp_s8", finish] >= 5
    for is_signed in (0, 1):
        assert ways["tk_depthwise3x3_dsp_s8", is_signed] >= 5


def test_other_cores_are_offered_none_of_them() -> None:
    graph = parse_model(dsp_model("conv", np.random.default_rng(1)).build(), name="m", where="m")
    for name in ("m0", "rv32"):
        (entry,) = lower_graph(graph, MACHINES[name].target, "m")
        assert not any("_dsp_" in call.kernel for way in entry.lowered.alternatives for call in way)


def test_a_step_gives_the_same_outputs_from_a_smaller_bias() -> None:
    channel = Channel(26_558_476, 1_565_063_334, -20, -128, (-128, 127))
    step = channel.as_step(-78_464, 78_000)
    assert step is not None
    assert abs(step.bias) < 2**23
    sums = range(-78_464, 78_001, 7)
    assert [step.output(s) for s in sums] == [channel.output(s) for s in sums]
    assert {channel.output(s) for s in sums} == {-110, -109}


@pytest.mark.parametrize("kind", KINDS)
def test_sizes_of_code_are_measured_ones(kind: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Of one firmware with one such layer, everything that is linked."""
    need_machine("m4")
    (call, *_) = [call for call in offered(kind, range(40)) if call.kernel == KERNELS[kind]]
    folder = tmp_path_factory.mktemp("size")
    size = linked_bytes(call, folder)
    stated = call.code + sum(call.shares.values())
    assert abs(stated - size) <= 0.1 * size, f"{stated} stated, {size} measured"
