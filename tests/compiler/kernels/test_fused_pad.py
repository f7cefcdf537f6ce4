"""A PAD of any size in front of a convolution becomes the convolution's own border, on every kind of core."""

from __future__ import annotations

import numpy as np
import pytest

from compiler.kernels.conv_models import out_size
from support.check import check_op
from support.machines import MACHINES, need_machine
from support.tflite_builder import ModelBuilder

Pads = tuple[tuple[int, int], tuple[int, int]]


def padded(
    shape: tuple[int, int, int, int], pads: Pads, window: int, stride: int, *, depthwise: bool, rng: np.random.Generator
) -> ModelBuilder:
    """PAD of height and width, then a convolution of a square window without a border of its own."""
    model = ModelBuilder()
    in_c = shape[3]
    out_c = in_c if depthwise else 4
    x = model.input(shape, "int8", scale=0.1, zero_point=3)
    table = np.array([(0, 0), *pads, (0, 0)], np.int32)
    wide = tuple(int(size + before + after) for size, (before, after) in zip(shape, table, strict=True))
    y = model.tensor(wide, "int8", scale=0.1, zero_point=3)
    model.op("PAD", [x, model.const(table)], [y])
    weight_shape = (1, window, window, out_c) if depthwise else (out_c, window, window, in_c)
    weights = rng.integers(-127, 128, weight_shape).astype(np.int8)
    axis = 3 if depthwise else 0
    w = model.const(weights, scale=np.full(out_c, 0.003, np.float32), zero_point=0, axis=axis)
    outs = [out_size(size, window, stride, 1, "VALID") for size in wide[1:3]]
    z = model.output((shape[0], *outs, out_c), "int8", scale=0.02, zero_point=-128)
    options = {"padding": "VALID", "stride_h": stride, "stride_w": stride, "fused_activation_function": "RELU"}
    options |= {"dilation_h_factor": 1, "dilation_w_factor": 1}
    if depthwise:
        options["depth_multiplier"] = 1
    model.op("DEPTHWISE_CONV_2D" if depthwise else "CONV_2D", [y, w], [z], **options)
    return model


@pytest.mark.slow
@pytest.mark.parametrize("name", MACHINES)
def test_more_border_than_the_window_needs(name: str) -> None:
    machine = need_machine(name)
    rng = np.random.default_rng(4)
    cases = [
        ((1, 4, 4, 8), ((1, 1), (1, 1)), 1, 1, False),  # pixels of a 1x1 convolution that are border
        ((1, 4, 4, 3), ((1, 1), (1, 1)), 1, 1, False),
        ((1, 4, 4, 8), ((0, 0), (2, 1)), 1, 1, False),
        ((1, 4, 5, 8), ((0, 3), (1, 0)), 1, 2, False),
        ((1, 12, 1, 16), ((1, 0), (11, 0)), 3, 2, True),  # windows of nothing but border
        ((1, 12, 1, 16), ((1, 1), (21, 0)), 3, 2, True),
        ((1, 6, 1, 8), ((1, 1), (4, 0)), 3, 1, True),
        ((1, 3, 3, 8), ((5, 5), (5, 5)), 3, 1, False),
        ((1, 3, 3, 2), ((4, 0), (0, 7)), 3, 1, False),
        ((2, 5, 2, 4), ((0, 6), (6, 6)), 3, 1, True),
    ]
    for shape, pads, window, stride, depthwise in cases:
        model = padded(shape, pads, window, stride, depthwise=depthwise, rng=rng)
        try:
            check_op(model, 2, rng, machine=machine)
        except AssertionError as error:
            raise AssertionError(f"{shape} {pads} {window}x{window} / {stride}: {error}") from error
