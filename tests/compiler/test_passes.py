"""Graph rewrites: what they remove, what they must leave, and that results stay identical."""

from __future__ import annotations

import numpy as np
import pytest

from support.check import check_op
from support.tflite_builder import ModelBuilder
from tinykit.compiler.passes import run_passes
from tinykit.graph.reader import parse_model


def kinds_after(model: ModelBuilder) -> list[str]:
    return [op.kind for op in run_passes(parse_model(model.build(), name="m", where="m.tflite")).ops]


def padded_conv(*, second_reader: bool = False, channels_padded: bool = False) -> ModelBuilder:
    rng = np.random.default_rng(3)
    m = ModelBuilder()
    x = m.input((1, 5, 6, 2), "int8", scale=0.5, zero_point=-9)
    amounts = np.array([[0, 0], [1, 2], [0, 3], [0, 1 if channels_padded else 0]], np.int32)
    depth = 3 if channels_padded else 2
    padded = m.tensor((1, 8, 9, depth), "int8", scale=0.5, zero_point=-9)
    m.op("PAD", [x, m.const(amounts)], [padded])
    w = m.const(rng.integers(-127, 128, (4, 3, 3, depth), np.int8), scale=0.01, zero_point=0)
    y = m.output((1, 6, 7, 4), "int8", scale=0.4, zero_point=3)
    m.op("CONV_2D", [padded, w], [y], padding="VALID", stride_h=1, stride_w=1)
    if second_reader:
        z = m.output((1, 8, 9, depth), "int8", scale=0.5, zero_point=-9)
        m.op("RELU", [padded], [z])
    return m


def test_pad_goes_into_the_convolution() -> None:
    assert kinds_after(padded_conv()) == ["CONV_2D"]
    check_op(padded_conv(), 5, np.random.default_rng(0))


def test_pad_of_channels_stays() -> None:
    assert kinds_after(padded_conv(channels_padded=True)) == ["PAD", "CONV_2D"]
    check_op(padded_conv(channels_padded=True), 5, np.random.default_rng(0))


def test_pad_with_another_reader_stays() -> None:
    assert kinds_after(padded_conv(second_reader=True)) == ["PAD", "CONV_2D", "RELU"]


def conv_then(kind: str, *, scale: float = 0.4) -> ModelBuilder:
    rng = np.random.default_rng(4)
    m = ModelBuilder()
    x = m.input((1, 4, 4, 3), "int8", scale=0.5, zero_point=-9)
    w = m.const(rng.integers(-127, 128, (4, 1, 1, 3), np.int8), scale=0.01, zero_point=0)
    middle = m.tensor((1, 4, 4, 4), "int8", scale=0.4, zero_point=-20)
    m.op("CONV_2D", [x, w], [middle], padding="VALID", stride_h=1, stride_w=1)
    y = m.output((1, 4, 4, 4), "int8", scale=scale, zero_point=-20)
    m.op(kind, [middle], [y])
    return m


@pytest.mark.parametrize("kind", ["RELU", "RELU6"])
def test_a_clamp_goes_into_the_convolution(kind: str) -> None:
    assert kinds_after(conv_then(kind)) == ["CONV_2D"]
    check_op(conv_then(kind), 5, np.random.default_rng(0))


def test_an_activation_that_rescales_stays() -> None:
    assert kinds_after(conv_then("RELU", scale=0.2)) == ["CONV_2D", "RELU"]
    check_op(conv_then("RELU", scale=0.2), 5, np.random.default_rng(0))


def test_unused_operators_go() -> None:
    m = conv_then("RELU")
    unused = m.tensor((1, 4, 4, 4), "int8", scale=0.1, zero_point=0)
    m.op("LOGISTIC", [m.outputs[0]], [unused])
    assert kinds_after(m) == ["CONV_2D"]


@pytest.mark.parametrize("kind", ["AVERAGE_POOL_2D", "MAX_POOL_2D"])
def test_a_clamp_goes_into_pooling(kind: str) -> None:
    m = ModelBuilder()
    x = m.input((1, 4, 4, 3), "int8", scale=0.4, zero_point=-20)
    middle = m.tensor((1, 2, 2, 3), "int8", scale=0.4, zero_point=-20)
    size = {"filter_height": 2, "filter_width": 2, "stride_h": 2, "stride_w": 2}
    m.op(kind, [x], [middle], padding="VALID", **size)
    y = m.output((1, 2, 2, 3), "int8", scale=0.4, zero_point=-20)
    m.op("RELU", [middle], [y])
    assert kinds_after(m) == [kind]
    check_op(m, 5, np.random.default_rng(0))
