"""Kernels for RISC-V cores against TFLite-Micro, run on an emulated one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from compiler.kernels.conv_models import conv_model, dense_model, out_size, sum_model
from support.check import check_op
from support.cost import check_model_of_cost
from support.machines import Machine, need_machine
from support.native import compile_bytes
from support.probe import need_tools
from support.seeds import many
from support.slow import rest_slow
from support.tflite_builder import ModelBuilder
from support.tight import check_overlaps


@pytest.fixture(scope="module")
def machine() -> Machine:
    return need_machine("rv32")


@dataclass(frozen=True)
class Shape:
    """A layer: input, window, stride, padding, and channels of the output (0: depthwise)."""

    image: tuple[int, int, int]
    window: tuple[int, int]
    stride: tuple[int, int] = (1, 1)
    channels: int = 0
    padding: str = "SAME"
    activation: str = "RELU"
    batch: int = 1


def layer(shape: Shape, rng: np.random.Generator) -> ModelBuilder:
    (height, width, in_c), (k_h, k_w), (stride_h, stride_w) = shape.image, shape.window, shape.stride
    out_c = shape.channels or in_c
    return sum_model(
        rng,
        "int8",
        "CONV_2D" if shape.channels else "DEPTHWISE_CONV_2D",
        (shape.batch, height, width, in_c),
        (out_c, k_h, k_w, in_c) if shape.channels else (1, k_h, k_w, in_c),
        (
            shape.batch,
            out_size(height, k_h, stride_h, 1, shape.padding),
            out_size(width, k_w, stride_w, 1, shape.padding),
            out_c,
        ),
        channels=out_c,
        axis=0 if shape.channels else 3,
        options={
            "padding": shape.padding,
            "stride_h": stride_h,
            "stride_w": stride_w,
            "fused_activation_function": shape.activation,
            **({} if shape.channels else {"depth_multiplier": 1}),
        },
    )


def uses_rv32(model: ModelBuilder, machine: Machine) -> bool:
    return any("rv32" in name for name in compile_bytes(model.build(), machine.target, "speed").kernels)


def check(model: ModelBuilder, rng: np.random.Generator, machine: Machine) -> None:
    check_op(model, 2, rng, machine=machine, optimize="speed")


SHAPES = [
    # convolutions: windows, strides, numbers of channels that are no multiple of 4, images of few pixels
    Shape((5, 7, 16), (1, 1), channels=16),
    Shape((3, 3, 8), (1, 1), channels=6, activation="NONE"),
    Shape((1, 2, 5), (1, 1), channels=4),
    Shape((7, 6, 3), (3, 3), (2, 2), channels=8),
    Shape((9, 9, 4), (3, 3), channels=5, activation="RELU6", batch=2),
    Shape((12, 5, 1), (10, 4), (2, 2), channels=8),
    Shape((6, 6, 8), (1, 1), (2, 2), channels=7, padding="VALID"),
    # one window
    Shape((4, 3, 5), (4, 3), channels=20, padding="VALID", batch=2),
    # depthwise 3x3: both strides, odd and even sizes, images smaller than the window
    Shape((6, 6, 4), (3, 3)),
    Shape((25, 5, 4), (3, 3)),
    Shape((7, 7, 3), (3, 3), (2, 2)),
    Shape((8, 8, 3), (3, 3), (2, 2), activation="NONE"),
    Shape((3, 3, 6), (3, 3), activation="NONE"),
    Shape((5, 7, 4), (3, 3), (2, 2), padding="VALID"),
    Shape((9, 9, 4), (3, 3), activation="NONE"),
    Shape((2, 9, 2), (3, 3), (1, 2), padding="SAME", batch=2),
    Shape((9, 4, 2), (3, 3), (3, 1), padding="VALID"),
    # depthwise, other windows; lines
    Shape((6, 8, 3), (5, 5), activation="RELU6"),
    Shape((7, 9, 3), (2, 4), (2, 2)),
    Shape((28, 1, 4), (5, 1), padding="VALID", activation="NONE"),
    Shape((15, 1, 4), (10, 1), padding="VALID"),
    Shape((1, 16, 4), (1, 3), (1, 2), padding="VALID", batch=2),
    Shape((1, 11, 4), (1, 4)),
]


@pytest.mark.parametrize("shape", rest_slow(SHAPES, 6), ids=str)
def test_shapes(shape: Shape, machine: Machine) -> None:
    # Quantizations are random; the first few that have a kernel (no multiplier above 1) are tried.
    tried = 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        model = layer(shape, rng)
        if uses_rv32(model, machine):
            check(model, rng, machine)
            tried += 1
        if tried == 2:
            return
    pytest.fail("no kernel for it")


def random_layer(kind: str, rng: np.random.Generator) -> ModelBuilder:
    if kind == "dense":
        return dense_model(rng, "int8")
    if kind == "conv":
        return conv_model(rng, "int8", depthwise=False)
    height, width = (int(v) for v in rng.integers(1, 14, 2))
    window = (3, 3) if rng.random() < 0.4 else (int(rng.integers(1, 6)), int(rng.integers(1, 6)))
    valid = height >= window[0] and width >= window[1] and rng.random() < 0.4
    shape = Shape(
        (height, width, int(rng.integers(1, 6))),
        window,
        (int(rng.choice([1, 1, 2])), int(rng.choice([1, 1, 2]))),
        padding="VALID" if valid else "SAME",
        activation=str(rng.choice(["NONE", "RELU", "RELU6"])),
        batch=int(rng.choice([1, 1, 2])),
    )
    return layer(shape, rng)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["conv", "depthwise", "dense"])
def test_many_random_layers(kind: str, machine: Machine) -> None:
    tried = 0
    seeds = many(1000, 1240)
    for seed in seeds:
        rng = np.random.default_rng(seed)
        model = random_layer(kind, rng)
        if uses_rv32(model, machine):
            tried += 1
            try:
                check(model, rng, machine)
            except AssertionError as error:
                raise AssertionError(f"{kind}, seed {seed}: {error}") from error
    assert tried > len(seeds) / 4


def extreme(rows: int, weights: Callable[[tuple[int, int]], np.ndarray]) -> ModelBuilder:
    """A 1x1 convolution of inputs and weights at the ends of their ranges."""
    m = ModelBuilder()
    x = m.input((1, 3, 3, rows), "int8", scale=0.5, zero_point=-128)
    y = m.output((1, 3, 3, 8), "int8", scale=3.0, zero_point=5)
    w = m.const(weights((8, rows)).astype(np.int8).reshape(8, 1, 1, rows), scale=0.01, zero_point=0)
    m.op("CONV_2D", [x, w], [y], padding="SAME", stride_h=1, stride_w=1)
    return m


@pytest.mark.parametrize("rows", [8, 70])
def test_two_products_fit_into_16_bits(rows: int, machine: Machine) -> None:
    for sign in (-127, 127):
        model = extreme(rows, lambda shape, sign=sign: np.full(shape, sign))  # type: ignore[misc]
        assert uses_rv32(model, machine)
        for value in (-128, 127):
            inputs = [np.full((1, 1, 3, 3, rows), value, np.int8)]
            check_op(model, 1, np.random.default_rng(0), machine=machine, inputs=inputs, optimize="speed")


def test_weights_of_minus_128_that_do_not_fit_have_another_kernel(machine: Machine) -> None:
    model = extreme(8, lambda shape: np.full(shape, -128))
    assert not uses_rv32(model, machine)


@pytest.mark.parametrize("kind", rest_slow(["conv", "depthwise", "dense"]))
def test_outputs_over_inputs(kind: str, machine: Machine) -> None:
    for seed in range(3):
        rng = np.random.default_rng(seed)
        check_overlaps(random_layer(kind, rng), 2, rng, machine=machine)


COSTS = [
    Shape((25, 5, 64), (1, 1), channels=64),
    Shape((24, 24, 16), (3, 3), channels=16),
    Shape((96, 96, 3), (3, 3), (2, 2), channels=8),
    Shape((24, 24, 16), (1, 1), channels=32, activation="NONE"),
    Shape((1, 1, 256), (1, 1), channels=128),
    Shape((24, 24, 16), (3, 3)),
    Shape((25, 5, 16), (3, 3)),
    Shape((24, 24, 16), (3, 3), (2, 2)),
    Shape((16, 16, 16), (5, 5), activation="NONE"),
    Shape((24, 1, 128), (10, 1), padding="VALID"),
]


def with_kernel(shape: Shape, machine: Machine) -> tuple[ModelBuilder, str]:
    """A model of the layer, of the first quantization that has a kernel, and that."""
    for seed in range(12):
        model = layer(shape, np.random.default_rng(seed))
        ((call,),) = [step.calls for step in compile_bytes(model.build(), machine.target, "speed").steps]
        if call.variant == "rv32":
            return model, call.kernel
    pytest.fail("no kernel for it")


@pytest.mark.slow
@pytest.mark.parametrize("shape", COSTS, ids=str)
def test_instructions_and_code_are_as_modelled(shape: Shape, machine: Machine, tmp_path: Path) -> None:
    need_tools("qemu-riscv32")
    model, kernel = with_kernel(shape, machine)
    check_model_of_cost(model, kernel, "qemu-riscv32", tmp_path)
