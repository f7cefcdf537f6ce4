"""Kernels with their output as far over their input as they say, byte for byte: results stay TFLite-Micro's."""

from __future__ import annotations

import numpy as np
import pytest

from compiler.chain_models import Network
from compiler.kernels.conv_models import conv_model, dense_model
from support.seeds import many
from support.slow import rest_slow
from support.tflite_builder import ModelBuilder
from support.tight import check_overlaps

KINDS = ("conv", "depthwise", "dense", "pool", "add", "mean", "relu")


def random_layer(kind: str, dtype: str, rng: np.random.Generator) -> ModelBuilder:
    if kind == "dense":
        return dense_model(rng, dtype)
    if kind in ("conv", "depthwise"):
        return conv_model(rng, dtype, depthwise=kind == "depthwise")
    net = Network(rng, dtype, 0.0)
    x = net.input((int(rng.choice([1, 2])), *(int(v) for v in rng.integers(2, 9, 3))))
    if kind == "add":
        y = net.add(x, net.input(x.shape))
    elif kind == "relu":
        y = net.new(x.shape, net.quantization(0.07))
        net.model.op("RELU", [x.tensor], [y.tensor])
    else:
        y = net.pool(x) if kind == "pool" else net.mean(x)
    net.model.outputs.append(y.tensor)
    return net.model


def check_some(kind: str, dtype: str, seeds: range) -> None:
    tried = 0
    for seed in seeds:
        rng = np.random.default_rng(seed)
        try:
            tried += check_overlaps(random_layer(kind, dtype, rng), 2, rng)
        except AssertionError as error:
            raise AssertionError(f"{kind} {dtype}, seed {seed}: {error}") from error
    assert tried >= len(seeds)


@pytest.mark.parametrize("dtype", rest_slow(["int8", "float32"]))
@pytest.mark.parametrize("kind", rest_slow(KINDS))
def test_a_few_layers(kind: str, dtype: str) -> None:
    check_some(kind, dtype, range(4))


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["int8", "float32"])
@pytest.mark.parametrize("kind", KINDS)
def test_many_layers(kind: str, dtype: str) -> None:
    check_some(kind, dtype, many(4, 60))


@pytest.mark.slow
@pytest.mark.parametrize("shape", rest_slow([(1, 6, 5, 16), (2, 5, 5, 12)]))
def test_layers_that_need_their_lead(shape: tuple[int, ...]) -> None:
    """1x1 and 3x3, with several groups of channels, so that an input is read again after the first output."""
    rng = np.random.default_rng(0)
    for depthwise in (False, True):
        for channels in (8, 16, 20):
            net = Network(rng, "int8", 0.0)
            x = net.input(shape)
            y = net.convolution(x, depthwise=depthwise, channels=channels, plain=True)
            net.model.outputs.append(y.tensor)
            assert check_overlaps(net.model, 2, rng) == 1
