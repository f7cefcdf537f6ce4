"""The elementwise kernels give the same results from every compiler at every optimisation."""

from __future__ import annotations

import numpy as np
import pytest

from compiler.kernels.binary_models import random_binary_model
from support.check import check_op, random_inputs
from support.native import run_compiled
from support.tflite_builder import ModelBuilder


def mixed_model() -> ModelBuilder:
    model = random_binary_model("ADD", 12, np.random.default_rng(12))
    for kind, options in [
        ("ADD", {"fused_activation_function": "NONE"}),
        ("MUL", {"fused_activation_function": "RELU"}),
        ("SOFTMAX", {"beta": 1.0}),
    ]:
        inputs = [model.input((3, 7), scale=0.25, zero_point=1) for _ in range(1 if kind == "SOFTMAX" else 2)]
        softmax = kind == "SOFTMAX"
        y = model.output((3, 7), scale=1 / 256 if softmax else 0.5, zero_point=-128 if softmax else 3)
        model.op(kind, inputs, [y], **options)
    x = model.input((3, 7), "float32")
    q = model.tensor((3, 7), scale=0.05, zero_point=-4)
    t = model.tensor((3, 7), scale=1 / 128, zero_point=0)
    model.op("QUANTIZE", [x], [q])
    model.op("TANH", [q], [t])
    model.op("DEQUANTIZE", [t], [model.output((3, 7), "float32")])
    return model


@pytest.mark.slow
@pytest.mark.parametrize("cc", ["gcc", "clang"])
@pytest.mark.parametrize("opt", ["-O0", "-Os", "-O3"])
def test_every_build_is_identical(cc: str, opt: str) -> None:
    rng = np.random.default_rng(13)
    tflite = mixed_model().build()
    inputs = random_inputs(tflite, 20, rng)
    want = check_op(tflite, 20, rng, inputs=inputs)
    for a, b in zip(want, run_compiled(tflite, inputs, cc=cc, opt=opt), strict=True):
        np.testing.assert_array_equal(a, b)
