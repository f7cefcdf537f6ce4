"""Removal of channels that carry nothing: what goes, what must stay, and that results stay TFLite-Micro's."""

from __future__ import annotations

import numpy as np
import pytest

from compiler.chain_models import random_network
from support.check import check_op
from support.seeds import many
from support.slow import rest_slow
from support.tflite_builder import ModelBuilder
from tinykit.compiler.passes import run_passes
from tinykit.graph.macs import total_macs
from tinykit.graph.reader import parse_model
from tinykit.graph.types import Graph


def passed(model: ModelBuilder) -> Graph:
    return run_passes(parse_model(model.build(), name="m", where="m.tflite"))


def macs_saved(model: ModelBuilder) -> float:
    before = total_macs(parse_model(model.build(), name="m", where="m.tflite"))
    return 1 - total_macs(passed(model)) / before


@pytest.mark.parametrize("seed", rest_slow(range(8), 2))
def test_random_networks(seed: int) -> None:
    rng = np.random.default_rng(seed)
    check_op(random_network(rng, "int8", dead=0.5), 3, rng)


@pytest.mark.slow
@pytest.mark.parametrize("seed", many(8, 150))
def test_many_random_networks(seed: int) -> None:
    rng = np.random.default_rng(seed)
    check_op(random_network(rng, "int8", dead=float(rng.choice([0.2, 0.5, 0.8]))), 3, rng)


@pytest.mark.slow
def test_much_goes_of_random_networks() -> None:
    """Else the tests above show nothing."""
    saved = [macs_saved(random_network(np.random.default_rng(seed), "int8", dead=0.5)) for seed in range(30)]
    assert sum(s > 0.1 for s in saved) >= 10
    assert min(saved) >= 0


class Layers:
    """conv 1x1 -> ``middle`` -> conv; 6 channels between, of which 1 and 4 have zero filters."""

    def __init__(self, *, zero_point: int = -128, bias: int = 1000, activation: str = "NONE") -> None:
        self.rng = np.random.default_rng(5)
        self.m = ModelBuilder()
        self.quant = {"scale": 0.1, "zero_point": zero_point}
        x = self.m.input((1, 6, 7, 3), "int8", scale=0.05, zero_point=3)
        weights = self.rng.integers(-127, 128, (6, 1, 1, 3))
        weights[[1, 4]] = 0
        biases = np.array([10, bias, -30, 7, bias, 90], np.int32)
        self.value = self.conv(x, weights, biases, (1, 6, 7, 6), fused_activation_function=activation)

    def conv(self, x: int, weights: np.ndarray, bias: np.ndarray | None, shape: tuple[int, ...], **more: str) -> int:
        w = self.m.const(weights.astype(np.int8), scale=0.02, zero_point=0)
        y = self.m.tensor(shape, "int8", **self.quant)
        options = {"padding": "SAME", "fused_activation_function": "NONE", **more}
        b = [self.m.const(bias, scale=0.001, zero_point=0)] if bias is not None else []
        self.m.op("CONV_2D", [x, w, *b], [y], stride_h=1, stride_w=1, **options)
        return y

    def depthwise(self, size: int, dead: tuple[int, ...] = ()) -> None:
        # none negative: the sums of those would be clamped to the zero point, which is the smallest output
        weights = self.rng.integers(1, 128, (1, size, size, 6))
        weights[..., list(dead)] = 0
        w = self.m.const(weights.astype(np.int8), scale=0.02, zero_point=0)
        y = self.m.tensor((1, 6, 7, 6), "int8", **self.quant)
        self.m.op("DEPTHWISE_CONV_2D", [self.value, w], [y], padding="SAME", stride_h=1, stride_w=1, depth_multiplier=1)
        self.value = y

    def end(self, size: int = 1, ignores: int | None = None) -> ModelBuilder:
        weights = self.rng.integers(-127, 128, (4, size, size, 6))
        if ignores is not None:
            weights[..., ignores] = 0
        y = self.conv(self.value, weights, None, (1, 6, 7, 4))
        self.m.outputs.append(y)
        return self.m

    def channels_left(self, model: ModelBuilder) -> int:
        check_op(model, 4, np.random.default_rng(1))
        return passed(model).tensor(self.value).shape[-1]


def test_a_zero_filter_goes_into_the_bias_of_what_reads_it() -> None:
    layers = Layers()
    assert layers.channels_left(layers.end()) == 4


def test_at_a_border_only_the_zero_point_can_go() -> None:
    layers = Layers()
    assert layers.channels_left(layers.end(size=3)) == 6
    layers = Layers(bias=0)
    assert layers.channels_left(layers.end(size=3)) == 4
    # a negative constant that the activation makes zero
    layers = Layers(zero_point=-20, bias=-1000, activation="RELU")
    assert layers.channels_left(layers.end(size=3)) == 4


def test_through_a_depthwise_convolution() -> None:
    layers = Layers()
    layers.depthwise(1)
    assert layers.channels_left(layers.end()) == 4
    layers = Layers()
    layers.depthwise(3)
    assert layers.channels_left(layers.end()) == 6
    layers = Layers(bias=0)
    layers.depthwise(3)
    assert layers.channels_left(layers.end()) == 4


def test_a_dead_depthwise_filter_takes_its_input_along() -> None:
    layers = Layers()
    before = layers.value
    layers.depthwise(3, dead=(0, 1, 5))
    model = layers.end()
    assert layers.channels_left(model) == 3
    assert passed(model).tensor(before).shape[-1] == 3


def test_what_nobody_reads_goes() -> None:
    layers = Layers(bias=1000)
    layers.depthwise(3)
    assert layers.channels_left(layers.end(ignores=2)) == 5


def test_a_clamped_channel_is_constant() -> None:
    layers = Layers(zero_point=-128, activation="RELU6")
    y = layers.conv(layers.value, np.ones((6, 1, 1, 6)), np.full(6, -(2**20), np.int32), (1, 6, 7, 6))
    layers.value = y
    assert layers.channels_left(layers.end()) == 1


def test_outputs_keep_their_channels() -> None:
    layers = Layers()
    layers.m.outputs.append(layers.value)
    assert passed(layers.m).tensor(layers.value).shape[-1] == 6
    model = layers.end()
    assert layers.channels_left(model) == 6


def test_through_pooling_sums_and_a_dense_layer() -> None:
    layers = Layers()
    m, first = layers.m, layers.value
    second = m.tensor((1, 6, 7, 6), "int8", **layers.quant)
    window = {"padding": "SAME", "stride_h": 1, "stride_w": 1, "filter_height": 3, "filter_width": 3}
    m.op("AVERAGE_POOL_2D", [first], [second], fused_activation_function="NONE", **window)
    total = m.tensor((1, 6, 7, 6), "int8", scale=0.2, zero_point=9)
    m.op("ADD", [first, second], [total], fused_activation_function="NONE")
    flat = m.tensor((1, 252), "int8", scale=0.2, zero_point=9)
    m.op("RESHAPE", [total, m.const(np.array([1, 252], np.int32))], [flat], new_shape=[1, 252])
    w = m.const(layers.rng.integers(-127, 128, (5, 252), np.int8), scale=0.01, zero_point=0)
    y = m.output((1, 5), "int8", scale=1.0, zero_point=0)
    m.op("FULLY_CONNECTED", [flat, w], [y], fused_activation_function="NONE")
    layers.value = total
    assert layers.channels_left(m) == 4
    assert passed(m).tensor(flat).shape == (1, 168)


def test_a_softmax_counts_its_channels() -> None:
    layers = Layers()
    y = layers.m.output((1, 6, 7, 6), "int8", scale=1 / 256, zero_point=-128)
    layers.m.op("SOFTMAX", [layers.value], [y], beta=1.0)
    assert layers.channels_left(layers.m) == 6


def test_a_dense_layer_over_parts_of_pixels() -> None:
    """Its rows are no whole pixels: a number in the row is not always the same channel."""
    layers = Layers()
    m = layers.m
    flat = m.tensor((21, 12), "int8", **layers.quant)
    m.op("RESHAPE", [layers.value, m.const(np.array([21, 12], np.int32))], [flat], new_shape=[21, 12])
    for depth in (4, 9, 12, 28):
        w = m.const(layers.rng.integers(-127, 128, (3, depth), np.int8), scale=0.01, zero_point=0)
        y = m.output((252 // depth, 3), "int8", scale=1.0, zero_point=0)
        m.op("FULLY_CONNECTED", [flat, w], [y], fused_activation_function="NONE")
    assert layers.channels_left(m) == 6
