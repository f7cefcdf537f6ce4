"""Kernels for Arm cores with the DSP extension: every one of them against TFLite-Micro, on such a core."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from compiler.chain_models import Network
from compiler.kernels.conv_models import out_size
from compiler.kernels.dsp_models import KINDS, dsp_model
from support.cost import check_model_of_cost
from support.machines import MACHINES, need_machine
from support.probe import need_tools
from support.seeds import many
from support.slow import rest_slow
from support.tflite_builder import ModelBuilder
from support.tight import check_overlaps
from support.ways import check_ways
from tinykit.compiler.kernels.base import KernelCall
from tinykit.compiler.kernels.dsp.output import Channel
from tinykit.compiler.subgraphs import lower_graph
from tinykit.graph.reader import parse_model

KERNELS = {
    "pointwise": "tk_pointwise_dsp_s8",
    "conv": "tk_conv2d_dsp_s8",
    "few channels": "tk_conv2d_rows_dsp_s8",
    "three columns": "tk_conv2d_w3_dsp_s8",
    "depthwise 3x3": "tk_depthwise3x3_dsp_s8",
    "depthwise": "tk_depthwise_dsp_s8",
    "depthwise line": "tk_depthwise_line_dsp_s8",
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


@pytest.mark.parametrize("kind", rest_slow(KINDS, 3))
def test_a_few_random_layers(kind: str) -> None:
    assert check_many(kind, range(3))[KERNELS[kind]] >= 1


def test_a_unit_without_weights_in_a_layer_of_one_scale() -> None:
    """Its shift is its own, though its multiplier is that of the others."""
    assert check_many("dense", range(116, 117))["tk_fully_connected_dsp_s8"] == 1


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_many_random_layers(kind: str) -> None:
    seeds = many(3, 120)
    assert check_many(kind, seeds)[KERNELS[kind]] >= len(seeds) / 4


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


@pytest.mark.parametrize("kind", rest_slow(KINDS, 2))
def test_outputs_over_inputs(kind: str) -> None:
    assert check_tight(kind, range(1)) >= 1


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_many_outputs_over_inputs(kind: str) -> None:
    seeds = many(1, 40)
    assert check_tight(kind, seeds) >= len(seeds) / 2


def check_pools(seeds: range) -> Counter[str]:
    machine = need_machine("m4")
    tried: Counter[str] = Counter()
    for seed in seeds:
        rng = np.random.default_rng(seed)
        net = Network(rng, "int8", 0.0)
        x = net.input((int(rng.choice([1, 2])), *(int(v) for v in rng.integers(2, 12, 3))))
        net.model.outputs.append(net.pool(x).tensor)
        tried.update(check_ways(net.model, 3, rng, machine))
        check_overlaps(net.model, 2, rng, machine=machine)
    return tried


@pytest.mark.slow
def test_a_few_pools() -> None:
    tried = check_pools(range(4))
    assert min(tried["tk_average_pool2d_dsp_s8"], tried["tk_max_pool2d_dsp_s8"]) >= 1


@pytest.mark.slow
def test_many_pools() -> None:
    seeds = many(4, 80)
    tried = check_pools(seeds)
    assert min(tried["tk_average_pool2d_dsp_s8"], tried["tk_max_pool2d_dsp_s8"]) >= len(seeds) / 5


def offered(kind: str, seeds: range) -> list[KernelCall]:
    calls = []
    for seed in seeds:
        graph = parse_model(dsp_model(kind, np.random.default_rng(seed)).build(), name="m", where="m")
        _, (entry,) = lower_graph(graph, MACHINES["m4"].target, "m")
        calls += [call for (call,) in entry.lowered.alternatives]
    return calls


@pytest.mark.slow
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
        _, (entry,) = lower_graph(graph, MACHINES[name].target, "m")
        assert not any("_dsp_" in call.kernel for way in entry.lowered.alternatives for call in way)


def test_a_step_gives_the_same_outputs_from_a_smaller_bias() -> None:
    channel = Channel(26_558_476, 1_565_063_334, -20, -128, (-128, 127))
    step = channel.as_step(-78_464, 78_000)
    assert step is not None
    assert abs(step.bias) < 2**23
    sums = range(-78_464, 78_001, 7)
    assert [step.output(s) for s in sums] == [channel.output(s) for s in sums]
    assert {channel.output(s) for s in sums} == {-110, -109}


def test_without_24_bits_for_its_sums_a_layer_goes_another_way() -> None:
    """Weights share their bits only where the second sum fits into 24."""
    m = ModelBuilder()
    x = m.input((1, 2, 2, 600), "int8", scale=0.5, zero_point=0)
    y = m.output((1, 2, 2, 4), "int8", scale=64.0, zero_point=0)
    w = m.const(np.full((4, 1, 1, 600), 127, np.int8), scale=0.01, zero_point=0, axis=0)
    m.op("CONV_2D", [x, w], [y], padding="VALID", stride_h=1, stride_w=1)
    graph = parse_model(m.build(), name="m", where="m")
    _, (entry,) = lower_graph(graph, MACHINES["m4"].target, "m")
    assert entry.lowered.alternatives == ()


LAYERS = [
    ("tk_pointwise_dsp_s8", "CONV_2D", (1, 9, 7, 32), (24, 1, 1, 32), 1),
    ("tk_pointwise_dsp_s8", "CONV_2D", (1, 24, 24, 8), (16, 1, 1, 8), 1),
    ("tk_conv2d_dsp_s8", "CONV_2D", (1, 13, 13, 16), (12, 3, 3, 16), 2),
    ("tk_conv2d_dsp_s8", "CONV_2D", (1, 10, 10, 8), (16, 5, 5, 8), 1),
    ("tk_conv2d_rows_dsp_s8", "CONV_2D", (1, 32, 32, 3), (8, 3, 3, 3), 2),
    ("tk_conv2d_rows_dsp_s8", "CONV_2D", (1, 30, 10, 1), (32, 10, 4, 1), 2),
    ("tk_conv2d_w3_dsp_s8", "CONV_2D", (1, 16, 16, 16), (16, 3, 3, 16), 1),
    ("tk_conv2d_w3_dsp_s8", "CONV_2D", (1, 7, 7, 32), (32, 3, 3, 32), 1),
    ("tk_depthwise3x3_dsp_s8", "DEPTHWISE_CONV_2D", (1, 24, 24, 16), (1, 3, 3, 16), 1),
    ("tk_depthwise3x3_dsp_s8", "DEPTHWISE_CONV_2D", (1, 12, 12, 32), (1, 3, 3, 32), 2),
    ("tk_depthwise_dsp_s8", "DEPTHWISE_CONV_2D", (1, 12, 12, 32), (1, 5, 5, 32), 1),
    ("tk_depthwise_dsp_s8", "DEPTHWISE_CONV_2D", (1, 24, 1, 64), (1, 10, 1, 64), 1),
    ("tk_depthwise_line_dsp_s8", "DEPTHWISE_CONV_2D", (1, 24, 1, 64), (1, 10, 1, 64), 1),
    ("tk_depthwise_line_dsp_s8", "DEPTHWISE_CONV_2D", (1, 9, 20, 18), (1, 1, 5, 18), 1),
    ("tk_pointwise_dsp_s8", "FULLY_CONNECTED", (1, 64), (12, 64), 1),
    ("tk_conv2d_dsp_s8", "FULLY_CONNECTED", (3, 64), (9, 64), 1),
    ("tk_fully_connected_dsp_s8", "FULLY_CONNECTED", (1, 128), (64, 128), 1),
    ("tk_fully_connected_dsp_s8", "FULLY_CONNECTED", (1, 64), (12, 64), 1),
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
    """A firmware of one layer on an emulated Cortex-M4: what its kernel takes."""
    need_tools("qemu-mps2-an386")
    model = plain_model(kind, in_shape, weight_shape, stride, activation)
    check_model_of_cost(model, kernel, "qemu-mps2-an386", tmp_path)


def plain_model(
    kind: str, in_shape: tuple[int, ...], weight_shape: tuple[int, ...], stride: int, activation: str
) -> ModelBuilder:
    rng = np.random.default_rng(0)
    depthwise = kind == "DEPTHWISE_CONV_2D"
    channels = weight_shape[3] if depthwise else weight_shape[0]
    options: dict[str, object] = {"fused_activation_function": activation}
    out_shape: tuple[int, ...] = (in_shape[0], channels)
    scale = 0.01
    if kind != "FULLY_CONNECTED":
        padding = "VALID" if in_shape[2] == 1 else "SAME"
        out = [out_size(in_shape[i], weight_shape[i], stride, 1, padding) for i in (1, 2)]
        out_shape = (1, *out, channels)
        options |= {"padding": padding, "stride_h": stride, "stride_w": stride}
        options |= {"depth_multiplier": 1} if depthwise else {}
    m = ModelBuilder()
    x = m.input(in_shape, "int8", scale=0.5, zero_point=-3)
    y = m.output(out_shape, "int8", scale=4.0, zero_point=-128 if activation == "RELU" else 5)
    w = m.const(rng.integers(-127, 128, weight_shape, np.int8), scale=scale, zero_point=0)
    b = m.const(rng.integers(-900, 900, channels).astype(np.int32), scale=0.5 * scale, zero_point=0)
    m.op(kind, [x, w, b], [y], **options)
    return m
