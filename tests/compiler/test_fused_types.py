"""Activations are folded only into operators that execute them."""

from __future__ import annotations

import pytest

from support.native import compile_bytes
from support.tflite_builder import ModelBuilder
from tinykit.errors import UnsupportedModel


def test_relu_of_int32_is_not_lost_in_an_operator_that_ignores_it() -> None:
    model = ModelBuilder()
    x, middle = model.input((4,), "int32"), model.tensor((4,), "int32")
    model.op("ADD", [x, x], [middle])
    model.op("RELU", [middle], [model.output((4,), "int32")])
    with pytest.raises(UnsupportedModel, match="operator 1 RELU: input is int32"):
        compile_bytes(model.build())
