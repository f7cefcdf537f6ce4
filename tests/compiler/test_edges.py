"""Models at the edge of what makes sense: compiled right, or refused with the reason."""

from __future__ import annotations

import numpy as np
import pytest

from support.check import check_op
from support.slow import rest_slow
from support.tflite_builder import ModelBuilder
from tinykit.compiler import compile_graph
from tinykit.compiler.names import c_identifier
from tinykit.errors import DoesNotFit, UnsupportedModel
from tinykit.graph.reader import parse_model

INT8 = {"scale": 0.5, "zero_point": 3}


def refused(model: ModelBuilder, words: str) -> None:
    with pytest.raises(UnsupportedModel, match=words):
        compile_graph(parse_model(model.build(), name="edge", where="edge.tflite"))


@pytest.mark.parametrize("value", rest_slow([np.inf, -np.inf, np.nan]))
def test_constants_that_are_no_numbers(value: float) -> None:
    rng = np.random.default_rng(1)
    m = ModelBuilder()
    x, y = m.input((1, 4), "float32"), m.output((1, 4), "float32")
    m.op("ADD", [x, m.const(np.array([0, value, 1, value], np.float32))], [y])
    check_op(m, 3, rng)

    m = ModelBuilder()
    x, y = m.input((1, 4), "float32"), m.output((1, 4), "float32")
    m.op("LEAKY_RELU", [x], [y], alpha=value)
    check_op(m, 3, rng)

    m = ModelBuilder()
    m.op("LEAKY_RELU", [m.input((1, 4), **INT8)], [m.output((1, 4), **INT8)], alpha=value)
    refused(m, "differ by a factor of")


@pytest.mark.parametrize("dtype", ["int8", "float32"])
def test_tensors_without_elements(dtype: str) -> None:
    quantization = INT8 if dtype == "int8" else {}
    m = ModelBuilder()
    halves = [m.input((0, 4), dtype, **quantization) for _ in range(2)]
    m.op("CONCATENATION", halves, [m.output((0, 8), dtype, **quantization)], axis=1)
    refused(m, "has no elements")

    m = ModelBuilder()
    x, y = m.input((2, 0, 3), dtype, **quantization), m.output((3, 0, 2), dtype, **quantization)
    m.op("TRANSPOSE", [x, m.const(np.array([2, 1, 0], np.int32))], [y])
    refused(m, "has no elements")


@pytest.mark.parametrize("dtype", ["int8", "float32"])
def test_lists_without_elements(dtype: str) -> None:
    quantization = INT8 if dtype == "int8" else {}
    rng = np.random.default_rng(2)
    nothing = np.array([], np.int32)
    m = ModelBuilder()
    x, y = m.input((1, 4), dtype, **quantization), m.output((1, 4), dtype, **quantization)
    m.op("MEAN", [x, m.const(nothing)], [y], keep_dims=True)
    check_op(m, 3, rng)

    m = ModelBuilder()
    x, y = m.input((1, 1), dtype, **quantization), m.output((), dtype, **quantization)
    m.op("RESHAPE", [x, m.const(nothing)], [y])
    check_op(m, 3, rng)


@pytest.mark.parametrize("exponent", [10.4, 28.4, 29.9])
def test_large_multipliers(exponent: float) -> None:
    m = one_product(2.0**exponent)
    check_op(m, 0, np.random.default_rng(3), inputs=[np.arange(-128, 128, dtype=np.int8).reshape(256, 1, 1, 1, 1)])


def test_multipliers_that_are_too_large() -> None:
    refused(one_product(2.0**30.1), r"differ by a factor of 1\.15e\+09")


def one_product(scale: float) -> ModelBuilder:
    """A convolution of one product, whose effective multiplier is ``scale``."""
    m = ModelBuilder()
    x = m.input((1, 1, 1, 1), scale=scale, zero_point=0)
    weights = m.const(np.array([[[[3]]]], np.int8), scale=1.0, zero_point=0)
    y = m.output((1, 1, 1, 1), scale=1.0, zero_point=0)
    m.op("CONV_2D", [x, weights, None], [y], padding="VALID", stride_h=1, stride_w=1)
    return m


def test_an_arena_that_nothing_can_address() -> None:
    m = ModelBuilder()
    half = 1 << 29
    tensors = [m.input((half,), **INT8) for _ in range(6)]
    for first, second in zip(tensors[::2], tensors[1::2], strict=True):
        m.op("ADD", [first, second], [m.output((half,), **INT8)])
    with pytest.raises(DoesNotFit, match="bytes of working memory"):
        compile_graph(parse_model(m.build(), name="huge", where="huge.tflite"))


@pytest.mark.parametrize(
    ("name", "identifier"),
    [
        ("tk_port", "m_tk_port"),
        ("tk", "m_tk"),
        ("TK port", "m_tk_port"),
        ("tkinter", "tkinter"),
        ("all", "m_all"),
        ("m", "m_m"),
        ("StdInt", "m_stdint"),
        ("nl-types", "m_nl_types"),
        ("esp_timer", "m_esp_timer"),
        ("com1", "m_com1"),
        ("strings_and_math", "strings_and_math"),
        ("2nd", "m_2nd"),
        ("", "model"),
    ],
)
def test_names_keep_off_those_that_are_taken(name: str, identifier: str) -> None:
    assert c_identifier(name) == identifier
