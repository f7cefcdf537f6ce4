"""AVERAGE_POOL_2D and MAX_POOL_2D against TFLite-Micro."""

from __future__ import annotations

import numpy as np
import pytest

from compiler.kernels.conv_models import ACTIVATIONS, out_size
from support.check import check_op
from support.seeds import many
from support.slow import rest_slow
from support.tflite_builder import ModelBuilder


def pool_model(rng: np.random.Generator, kind: str, dtype: str) -> ModelBuilder:
    batch = int(rng.choice([1, 1, 2]))
    height, width = (int(v) for v in rng.integers(1, 14, 2))
    channels = int(rng.choice([1, 2, 3, 4, 7, 8, 16]))
    k_h, k_w = (int(v) for v in rng.integers(1, 6, 2))
    stride_h, stride_w = (int(v) for v in rng.integers(1, 5, 2))
    padding = "SAME" if height < k_h or width < k_w else str(rng.choice(["SAME", "VALID"]))
    shape = (batch, out_size(height, k_h, stride_h, 1, padding), out_size(width, k_w, stride_w, 1, padding), channels)
    quantization = {} if dtype == "float32" else {"scale": 0.05, "zero_point": int(rng.integers(-128, 128))}
    m = ModelBuilder()
    x = m.input((batch, height, width, channels), dtype, **quantization)
    y = m.output(shape, dtype, **quantization)
    m.op(
        kind,
        [x],
        [y],
        padding=padding,
        stride_h=stride_h,
        stride_w=stride_w,
        filter_height=k_h,
        filter_width=k_w,
        fused_activation_function=str(rng.choice(ACTIVATIONS)),
    )
    return m


def check_many(kind: str, dtype: str, seeds: range) -> None:
    for seed in seeds:
        rng = np.random.default_rng(seed)
        try:
            check_op(pool_model(rng, kind, dtype), 3, rng)
        except AssertionError as error:
            raise AssertionError(f"{kind} {dtype}, seed {seed}: {error}") from error


@pytest.mark.parametrize("dtype", rest_slow(["int8", "float32"]))
@pytest.mark.parametrize("kind", rest_slow(["AVERAGE_POOL_2D", "MAX_POOL_2D"]))
def test_a_few_random_pools(kind: str, dtype: str) -> None:
    check_many(kind, dtype, range(8))


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["int8", "float32"])
@pytest.mark.parametrize("kind", ["AVERAGE_POOL_2D", "MAX_POOL_2D"])
def test_many_random_pools(kind: str, dtype: str) -> None:
    check_many(kind, dtype, many(8, 100))


def test_a_global_average() -> None:
    m = ModelBuilder()
    x = m.input((1, 25, 5, 64), "int8", scale=0.1, zero_point=-128)
    y = m.output((1, 1, 1, 64), "int8", scale=0.1, zero_point=-128)
    m.op("AVERAGE_POOL_2D", [x], [y], padding="VALID", stride_h=25, stride_w=5, filter_height=25, filter_width=5)
    check_op(m, 5, np.random.default_rng(2))
