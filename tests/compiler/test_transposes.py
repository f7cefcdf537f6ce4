"""Transpositions that undo each other go; what is left computes the same."""

from __future__ import annotations

import numpy as np
import pytest

from support.check import check_op
from support.native import compile_bytes
from support.tflite_builder import ModelBuilder

FIRST, LAST = [0, 3, 1, 2], [0, 2, 3, 1]
"""To channels first, and back."""


class Model:
    def __init__(self, dtype: str) -> None:
        self.m = ModelBuilder()
        self.dtype = dtype
        self.quant = {} if dtype == "float32" else {"scale": 0.1, "zero_point": -3}

    def input(self) -> int:
        return self.m.input((1, 3, 4, 5), self.dtype, **self.quant)

    def transpose(self, x: int, shape: tuple[int, ...], order: list[int]) -> int:
        y = self.m.tensor(shape, self.dtype, **self.quant)
        self.m.op("TRANSPOSE", [x, self.m.const(np.array(order, np.int32))], [y])
        return y

    def op(self, kind: str, inputs: list[int], shape: tuple[int, ...]) -> int:
        y = self.m.tensor(shape, self.dtype, **self.quant)
        options = {"fused_activation_function": "NONE"} if kind == "ADD" else {}
        self.m.op(kind, inputs, [y], **options)
        return y

    def kernels_of(self, output: int) -> list[str]:
        self.m.outputs.append(output)
        check_op(self.m, 3, np.random.default_rng(0))
        return [call.kernel for step in compile_bytes(self.m.build()).steps for call in step.calls]


@pytest.mark.parametrize("dtype", ["int8", "float32"])
def test_there_and_back_through_elementwise_operators(dtype: str) -> None:
    model = Model(dtype)
    a, b = (model.transpose(model.input(), (1, 5, 3, 4), FIRST) for _ in range(2))
    total = model.op("ADD", [a, b], (1, 5, 3, 4))
    clamped = model.op("RELU6", [total], (1, 5, 3, 4))
    kernels = model.kernels_of(model.transpose(clamped, (1, 3, 4, 5), LAST))
    assert not any("copy" in kernel for kernel in kernels)


def test_two_become_one() -> None:
    model = Model("int8")
    turned = model.transpose(model.input(), (1, 5, 3, 4), FIRST)
    assert model.kernels_of(model.transpose(turned, (1, 4, 3, 5), [0, 3, 2, 1])) == ["tk_copy_nd"]


def test_one_that_is_read_twice_stays() -> None:
    model = Model("int8")
    turned = model.transpose(model.input(), (1, 5, 3, 4), FIRST)
    model.m.outputs.append(turned)
    kernels = model.kernels_of(model.transpose(model.op("RELU6", [turned], (1, 5, 3, 4)), (1, 3, 4, 5), LAST))
    assert kernels.count("tk_copy_nd") == 2


def test_operands_that_are_transposed_differently_stay() -> None:
    model = Model("int8")
    a = model.transpose(model.input(), (1, 3, 5, 4), [0, 1, 3, 2])
    b = model.transpose(model.m.input((1, 5, 3, 4), "int8", **model.quant), (1, 3, 5, 4), [0, 2, 1, 3])
    assert model.kernels_of(model.op("ADD", [a, b], (1, 3, 5, 4))).count("tk_copy_nd") == 2


def test_a_constant_is_transposed_at_compile_time() -> None:
    model = Model("int8")
    constant = model.m.const(np.arange(60, dtype=np.int8).reshape(1, 5, 3, 4), **model.quant)
    turned = model.transpose(constant, (1, 3, 4, 5), LAST)
    kernels = model.kernels_of(model.op("ADD", [model.input(), turned], (1, 3, 4, 5)))
    assert [kernel for kernel in kernels if "add" not in kernel] == []
