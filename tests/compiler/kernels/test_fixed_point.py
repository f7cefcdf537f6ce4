"""gemmlowp's functions approximate the real ones; their exact bits are tested where ops use them."""

from __future__ import annotations

import math

import pytest

from tinykit.compiler.kernels import fixed_point

# every barrel shift of exp, alone and together
ARGUMENTS = [-(2.0**e) for e in range(-20, 4)] + [-0.3, -0.9, -1.7, -3.3, -6.1, -8.3, -15.75]


@pytest.mark.parametrize("integer_bits", [4, 5])
def test_exp(integer_bits: int) -> None:
    for x in ARGUMENTS:
        got = fixed_point.exp_on_negative_values(round(x * 2.0 ** (31 - integer_bits)), integer_bits) / 2.0**31
        assert got == pytest.approx(math.exp(x), rel=1e-5, abs=1e-9), x


def test_logistic_and_tanh() -> None:
    for x in ARGUMENTS + [-x for x in ARGUMENTS] + [0.0]:
        raw = round(x * 2.0**27)
        assert fixed_point.logistic(raw, 4) / 2.0**31 == pytest.approx(1 / (1 + math.exp(-x)), abs=1e-6), x
        assert fixed_point.tanh(raw, 4) / 2.0**31 == pytest.approx(math.tanh(x), abs=1e-6), x
