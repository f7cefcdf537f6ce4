"""HARD_SWISH against TFLite-Micro."""

from __future__ import annotations

import numpy as np
import pytest

from compiler.kernels.unary_models import (
    Case,
    check_every_value,
    check_float,
    check_random,
    random_scale,
    random_zero_point,
    unary_model,
)
from support.native import compile_bytes
from tinykit.errors import UnsupportedModel


def random_case(rng: np.random.Generator) -> Case:
    scale = random_scale(rng)
    ratio = float(2.0 ** rng.uniform(-6.9, 9))
    return Case(scale, random_zero_point(rng), scale * ratio, random_zero_point(rng))


def test_every_int8_value() -> None:
    check_random("HARD_SWISH", random_case, range(1))


@pytest.mark.slow
def test_every_int8_value_at_many_scales() -> None:
    check_random("HARD_SWISH", random_case, range(1, 4))


def test_extreme_scales() -> None:
    """Includes output shifts of 16 and more, where TFLite's 16-bit rounding mask is truncated."""
    pairs = [(1e-7, 1e-7), (1e-6, 1e-3), (1.0, 400.0), (1.0, 600.0), (1.0, 1e4), (1.0, 1e6), (1e6, 1e6), (0.003, 0.1)]
    check_every_value("HARD_SWISH", [Case(s, z, o, 5) for s, o in pairs for z in (-128, 3, 127)])


def test_float() -> None:
    check_float("HARD_SWISH", np.random.default_rng(3))


def test_refuses_what_tflite_micro_refuses() -> None:
    with pytest.raises(UnsupportedModel, match="less than 1/128"):
        compile_bytes(unary_model("HARD_SWISH", [Case(1.0, 0, 1 / 200, 0)]).build())
