"""DIV, comparisons, MAXIMUM, SQUARED_DIFFERENCE and what is near them: every pair of operands, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from support.check import check_op
from support.native import compile_bytes, run_compiled
from support.tflite_builder import ModelBuilder
from tinykit.errors import UnsupportedModel

EVERY = np.arange(-128, 128, dtype=np.int8)


def every_pair(
    kind: str, scales: tuple[float, float, float], zero_points: tuple[int, int, int], zero: int | None = None
) -> None:
    """All pairs of int8 values but divisors ``zero``."""
    second = EVERY[zero != EVERY]
    x, y = np.meshgrid(EVERY, second, indexing="ij")
    model = ModelBuilder()
    a, b = (model.input((x.size,), scale=s, zero_point=z) for s, z in zip(scales[:2], zero_points[:2], strict=True))
    out = {"dtype": "bool"} if kind in ("EQUAL", "LESS_EQUAL") else {"scale": scales[2], "zero_point": zero_points[2]}
    model.op(kind, [a, b], [model.output((x.size,), **out)])
    check_op(model, 1, np.random.default_rng(0), inputs=[x.reshape(1, -1), y.reshape(1, -1)])


@pytest.mark.parametrize("scale", [0.0001, 0.02, 0.5, 8.0])
def test_every_quotient(scale: float) -> None:
    every_pair("DIV", (0.02, 0.02, scale), (3, -128, -7), zero=-128)


@pytest.mark.parametrize("kind", ["EQUAL", "LESS_EQUAL"])
@pytest.mark.parametrize(
    ("scales", "zero_points"),
    [
        ((0.01, 0.01, 1.0), (5, 5, 0)),  # one quantization: compared as they are
        ((1 / 128, 1 / 128, 1.0), (-128, -128, 0)),  # and the finest where different values stay different
        ((1 / 600, 1 / 600, 1.0), (0, 0, 0)),  # neighbours become equal
        ((0.9, 0.03, 1.0), (127, -128, 0)),
    ],
)
def test_every_comparison(kind: str, scales: tuple[float, float, float], zero_points: tuple[int, int, int]) -> None:
    every_pair(kind, scales, zero_points)


@pytest.mark.parametrize("scale", [0.0001, 0.01, 1.0])
def test_every_squared_difference(scale: float) -> None:
    every_pair("SQUARED_DIFFERENCE", (0.07, 0.02, scale), (-128, 127, -30))


def test_not_a_number() -> None:
    special = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.5, -2.5], np.float32)
    x, y = (v.reshape(1, -1) for v in np.meshgrid(special, special, indexing="ij"))
    model = ModelBuilder()
    first, second = model.input((1, 49), "float32"), model.input((1, 49), "float32")
    # which operand is repeated changes their order in the kernel
    one, row = model.input((1,), "float32"), model.input((7,), "float32")
    for kind in ("EQUAL", "NOT_EQUAL", "GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL", "MAXIMUM", "MINIMUM", "DIV"):
        out = "float32" if kind in ("MAXIMUM", "MINIMUM", "DIV") else "bool"
        model.op(kind, [first, second], [model.output((1, 49), out)])
        model.op(kind, [one, row], [model.output((7,), out)])
        model.op(kind, [row, one], [model.output((7,), out)])
    inputs = [np.repeat(x[None], 7, 0), np.repeat(y[None], 7, 0), special.reshape(7, 1), np.repeat(special[None], 7, 0)]
    check_op(model, 7, np.random.default_rng(0), inputs=inputs, rtol=0, atol=0)


def test_int32_by_0_gives_0_and_the_least_by_minus_1_wraps() -> None:
    model = ModelBuilder()
    x, y = model.input((3,), "int32"), model.input((3,), "int32")
    model.op("DIV", [x, y], [model.output((3,), "int32")])
    least = -(2**31)
    values = [np.array([[5, least, -7]], np.int32), np.array([[0, -1, 2]], np.int32)]
    assert run_compiled(model.build(), values)[0].tolist() == [[0, least, -3]]


def int16_comparison(model: ModelBuilder) -> None:
    x, y = (model.input((4,), "int16", scale=0.1, zero_point=0) for _ in range(2))
    model.op("GREATER", [x, y], [model.output((4,), "bool")])


def divisor_of_zero(model: ModelBuilder) -> None:
    x, y = model.input((4,), "int32"), model.const(np.array([1, 0, 3, 4], np.int32))
    model.op("DIV", [x, y], [model.output((4,), "int32")])


def zero_point_as_divisor(model: ModelBuilder) -> None:
    quant: dict[str, Any] = {"scale": 0.1, "zero_point": 7}
    x, y = model.input((4,), **quant), model.const(np.array([7], np.int8), **quant)
    model.op("DIV", [x, y], [model.output((4,), **quant)])


def floor_div_by_zero(model: ModelBuilder) -> None:
    x, y = model.input((4,), "float32"), model.const(np.zeros(4, np.float32))
    model.op("FLOOR_DIV", [x, y], [model.output((4,), "float32")])


def quotient_scales(model: ModelBuilder) -> None:
    x, y = (model.input((4,), scale=s, zero_point=0) for s in (1000.0, 1e-3))
    model.op("DIV", [x, y], [model.output((4,), scale=0.01, zero_point=0)])


def scale_of_one(model: ModelBuilder) -> None:
    x, y = (model.input((4,), scale=s, zero_point=0) for s in (1.0, 0.5))
    model.op("LESS", [x, y], [model.output((4,), "bool")])


def shapes_that_do_not_broadcast(model: ModelBuilder) -> None:
    x, y = model.input((4, 3), "float32"), model.input((4,), "float32")
    model.op("MAXIMUM", [x, y], [model.output((4, 3), "float32")])


def alternating_shapes(model: ModelBuilder) -> None:
    x, y = model.input((2, 1, 2, 1, 2, 1), "float32"), model.input((1, 2, 1, 2, 1, 2), "float32")
    model.op("MINIMUM", [x, y], [model.output((2,) * 6, "float32")])


def computed_axis(model: ModelBuilder) -> None:
    x, axis = model.input((4, 3), "float32"), model.input((1,), "int32")
    model.op("CUMSUM", [x, axis], [model.output((4, 3), "float32")])


def computed_shape(model: ModelBuilder) -> None:
    x, shape = model.input((3,), "float32"), model.input((2,), "int32")
    model.op("BROADCAST_TO", [x, shape], [model.output((4, 3), "float32")])


def different_terms(model: ModelBuilder) -> None:
    x, y = (model.input((4,), scale=0.1, zero_point=z) for z in (0, 1))
    model.op("ADD_N", [x, y], [model.output((4,), scale=0.1, zero_point=0)])


@pytest.mark.parametrize(
    ("build", "why"),
    [
        (int16_comparison, "int16"),
        (divisor_of_zero, "divisor contains 0"),
        (zero_point_as_divisor, "divisor contains 0"),
        (floor_div_by_zero, "divisor contains 0"),
        (quotient_scales, "too far apart"),
        (scale_of_one, "scale 1.0, 1 or more"),
        (shapes_that_do_not_broadcast, "do not broadcast"),
        (alternating_shapes, "nested loops"),
        (computed_axis, "axis is computed"),
        (computed_shape, "shape is computed"),
        (different_terms, "different quantizations"),
    ],
)
def test_refuses(build: Callable[[ModelBuilder], None], why: str) -> None:
    model = ModelBuilder()
    build(model)
    with pytest.raises(UnsupportedModel, match=why):
        compile_bytes(model.build())


def test_an_update_needs_no_copy_where_its_operand_is_not_needed_any_more() -> None:
    model = ModelBuilder()
    x = model.input((2, 8), "float32")
    cache = model.tensor((2, 8), "float32")
    model.op("ADD", [x, x], [cache])
    update, start = model.input((2, 1), "float32"), model.input((2,), "int32")
    model.op("DYNAMIC_UPDATE_SLICE", [cache, update, start], [model.output((2, 8), "float32")])
    compiled = compile_bytes(model.build())
    calls = [call for step in compiled.steps for call in step.calls]
    operand, out = calls[-1].args[0].tensor, calls[-1].args[-1].tensor
    places = {tensor: buffer.offset for buffer in compiled.plan.buffers for tensor in buffer.tensors}
    assert places[operand] == places[out]
    check_op(model, 5, np.random.default_rng(3))
