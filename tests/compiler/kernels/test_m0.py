"""Kernels for cores without long multiplication against TFLite-Micro, on a processor with their instructions."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from compiler.kernels.conv_models import conv_model, dense_model, sum_model
from compiler.kernels.test_overlapping_kernels import random_layer
from support.check import check_op
from support.machines import MACHINES, need_machine
from support.native import compile_bytes
from support.seeds import many
from support.slow import rest_slow
from support.tflite_builder import ModelBuilder
from support.tight import check_overlaps
from tinykit.resources import data_dir

KINDS = ("conv", "depthwise", "dense")


def layer(kind: str, rng: np.random.Generator) -> ModelBuilder:
    """Of any shape and scale that the portable kernels are tested with, or of one that networks have."""
    if rng.random() < 0.5:
        return dense_model(rng, "int8") if kind == "dense" else conv_model(rng, "int8", depthwise=kind == "depthwise")
    if kind == "dense":
        depth, units = int(rng.integers(1, 300)), int(rng.integers(1, 30))
        shapes = ((2, depth), (units, depth), (2, units))
        return sum_model(rng, "int8", "FULLY_CONNECTED", *shapes, channels=units, axis=0, options={})
    size = int(rng.integers(3, 20))
    window, stride = int(rng.choice([1, 3, 3, 5, 7])), int(rng.choice([1, 1, 2]))
    in_c = int(rng.choice([4, 8, 12, 24, 40, 64]))
    out_c = in_c if kind == "depthwise" else int(rng.integers(1, 9))
    height = int(rng.choice([1, size]))
    k_h = min(window, height)
    options = {"padding": "SAME", "stride_h": stride, "stride_w": stride, "fused_activation_function": "RELU"}
    outs = (1, -(-height // stride), -(-size // stride), out_c)
    weights = (1, k_h, window, out_c) if kind == "depthwise" else (out_c, k_h, window, in_c)
    if kind == "depthwise":
        options["depth_multiplier"] = 1
    name, axis = ("DEPTHWISE_CONV_2D", 3) if kind == "depthwise" else ("CONV_2D", 0)
    return sum_model(
        rng, "int8", name, (1, height, size, in_c), weights, outs, channels=out_c, axis=axis, options=options
    )


def check_many(kind: str, seeds: range, least: float) -> None:
    """Random layers; at least that part of them must have a kernel of this kind."""
    machine = need_machine("m0")
    tried = 0
    for seed in seeds:
        rng = np.random.default_rng(seed)
        model = layer(kind, rng).build()
        calls = [call for step in compile_bytes(model, machine.target, "speed").steps for call in step.calls]
        if not any(call.variant == "m0" for call in calls):
            continue
        tried += 1
        try:
            check_op(model, 3, rng, machine=machine, optimize="speed")
        except AssertionError as error:
            raise AssertionError(f"{kind}, seed {seed}: {error}") from error
    assert tried >= least * len(seeds)


# Depthwise layers with several filters per channel, a stride of 3 or dilated columns are left to the portable kernel,
# and dense ones of very few units are faster there.
LEAST = {"conv": 0.95, "depthwise": 0.6, "dense": 0.75}


@pytest.mark.parametrize("kind", rest_slow(KINDS))
def test_a_few_random_layers(kind: str) -> None:
    check_many(kind, range(8), 0.5)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_many_random_layers(kind: str) -> None:
    check_many(kind, many(8, 200), LEAST[kind] * 0.8)


@pytest.mark.slow
@pytest.mark.parametrize("kind", rest_slow(["conv", "depthwise"]))
def test_overlapping_memory(kind: str) -> None:
    machine = need_machine("m0")
    assert sum(
        check_overlaps(random_layer(kind, "int8", rng), 2, rng, machine=machine, unit=16)
        for rng in map(np.random.default_rng, range(6))
    )


@pytest.mark.parametrize(("in_shape", "k", "stride"), [((1, 9, 7, 12), 3, 1), ((1, 10, 10, 8), 3, 2)])
def test_a_strip_of_one_row(monkeypatch: pytest.MonkeyPatch, in_shape: tuple[int, ...], k: int, stride: int) -> None:
    """Where memory is scarce."""
    monkeypatch.setattr("tinykit.compiler.kernels.m0.depthwise_conv2d._LITTLE_MEMORY", 0)
    rng = np.random.default_rng(0)
    channels = in_shape[3]
    options = {"padding": "SAME", "stride_h": stride, "stride_w": stride, "depth_multiplier": 1}
    out = (1, -(-in_shape[1] // stride), -(-in_shape[2] // stride), channels)
    model = sum_model(
        rng, "int8", "DEPTHWISE_CONV_2D", in_shape, (1, k, k, channels), out, channels=channels, axis=3, options=options
    )
    (step,) = compile_bytes(model.build(), MACHINES["m0"].target, "speed").steps
    assert step.calls[0].params["rows"] == 1
    check_op(model, 3, rng, machine=need_machine("m0"), optimize="speed")


def test_weights_whose_products_do_not_fit_are_left_to_the_portable_kernel() -> None:
    m = ModelBuilder()
    x = m.input((1, 1, 1, 8), "int8", scale=1.0, zero_point=0)
    y = m.output((1, 1, 1, 4), "int8", scale=1.0, zero_point=0)
    weights = np.full((4, 1, 1, 8), -128, np.int8)  # two products of -128 and -128 take 17 bits
    options = {"padding": "VALID", "stride_h": 1, "stride_w": 1}
    m.op("CONV_2D", [x, m.const(weights, scale=1e-3, zero_point=0)], [y], **options)
    (step,) = compile_bytes(m.build(), MACHINES["m0"].target, "speed").steps
    assert step.calls[0].variant == "portable"
    check_op(m, 3, np.random.default_rng(0), machine=need_machine("m0"), optimize="speed")


SOURCES = {
    "tk_conv2d_m0_s8": ("tk_conv2d_m0_s8.c", "tk_m0_tile_asm.S", "tk_m0_output.c"),
    "tk_depthwise_conv2d_m0_s8": (
        "tk_depthwise_conv2d_m0_s8.c",
        "tk_depthwise_conv2d_m0_s8_asm.S",
        "tk_m0_output.c",
    ),
    "tk_fully_connected_m0_s8": ("tk_fully_connected_m0_s8.c", "tk_fully_connected_m0_s8_asm.S", "tk_m0_output.c"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_code_is_as_large_as_said(kind: str, tmp_path: Path) -> None:
    if shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("arm-none-eabi-gcc is not installed")
    rng = np.random.default_rng(4)
    shape, taps = ((1, 8), (8, 8)) if kind == "dense" else ((1, 6, 6, 8), (8, 1, 1, 8))
    name = {"conv": "CONV_2D", "depthwise": "DEPTHWISE_CONV_2D", "dense": "FULLY_CONNECTED"}[kind]
    options = {} if kind == "dense" else {"padding": "SAME", "stride_h": 1, "stride_w": 1}
    if kind == "depthwise":
        taps, options["depth_multiplier"] = (1, 3, 3, 8), 1
    axis = 3 if kind == "depthwise" else 0
    model = sum_model(rng, "int8", name, shape, taps, shape, channels=8, axis=axis, options=options)
    (step,) = compile_bytes(model.build(), MACHINES["m0"].target, "speed").steps
    (call,) = step.calls
    runtime = data_dir("firmware_templates") / "runtime"
    size = 0
    for source in SOURCES[call.kernel]:
        target = tmp_path / f"{source}.o"
        command = ["arm-none-eabi-gcc", "-mcpu=cortex-m0plus", "-mthumb", "-O2", f"-I{runtime}"]
        file = runtime / "kernels" / "m0" / source
        subprocess.run([*command, "-c", str(file), "-o", str(target)], check=True)
        listed = subprocess.run(["arm-none-eabi-size", str(target)], capture_output=True, text=True, check=True).stdout
        size += int(listed.splitlines()[1].split()[0])
    assert call.code + sum(call.shares.values()) == pytest.approx(size, rel=0.1)
