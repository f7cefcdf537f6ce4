"""CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED against TFLite-Micro."""

from __future__ import annotations

import numpy as np
import pytest

from compiler.kernels.conv_models import conv_model, dense_model, sum_model
from support.check import check_op
from support.machines import need_machine
from support.native import compile_bytes
from support.seeds import many
from support.tflite_builder import ModelBuilder
from tinykit.compiler import compile_graph
from tinykit.errors import UnsupportedModel
from tinykit.graph.reader import parse_model

KINDS = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")


def random_model(kind: str, dtype: str, rng: np.random.Generator) -> ModelBuilder:
    if kind == "FULLY_CONNECTED":
        return dense_model(rng, dtype)
    return conv_model(rng, dtype, depthwise=kind == "DEPTHWISE_CONV_2D")


def check_many(kind: str, dtype: str, seeds: range) -> None:
    for seed in seeds:
        rng = np.random.default_rng(seed)
        try:
            check_op(random_model(kind, dtype, rng), 3, rng, rtol=1e-5, atol=1e-4 if dtype == "float32" else 0)
        except AssertionError as error:
            raise AssertionError(f"{kind} {dtype}, seed {seed}: {error}") from error


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["int8", "float32"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_few_random_layers(kind: str, dtype: str) -> None:
    check_many(kind, dtype, range(8))


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["int8", "float32"])
@pytest.mark.parametrize("kind", KINDS)
def test_many_random_layers(kind: str, dtype: str) -> None:
    check_many(kind, dtype, many(8, 70))


@pytest.mark.parametrize(
    ("in_shape", "weight_shape", "out_shape"),
    [
        ((1, 49, 10, 1), (64, 10, 4, 1), (1, 25, 5, 64)),  # short rows: patches are gathered
        ((1, 9, 9, 16), (16, 3, 3, 16), (1, 5, 5, 16)),  # long rows: read in place
    ],
)
def test_both_ways_of_reading_patches(
    in_shape: tuple[int, ...], weight_shape: tuple[int, ...], out_shape: tuple[int, ...]
) -> None:
    rng = np.random.default_rng(1)
    options = {"padding": "SAME", "stride_h": 2, "stride_w": 2, "fused_activation_function": "RELU"}
    model = sum_model(
        rng, "int8", "CONV_2D", in_shape, weight_shape, out_shape, channels=out_shape[3], axis=0, options=options
    )
    check_op(model, 3, rng)


@pytest.mark.parametrize("seed", range(4))
def test_one_multiplier_of_a_dense_layer_comes_from_double_precision(seed: int) -> None:
    """Scales whose product in single precision is the output's times a power of two: sums between two outputs tell."""
    rng = np.random.default_rng(seed)
    first, second = (np.float32(2.0 ** rng.uniform(-6, -1)) for _ in range(2))
    m = ModelBuilder()
    x = m.input((1, 4), "int8", scale=float(first), zero_point=0)
    y = m.output((1, 3), "int8", scale=float(np.float32(first * second) * np.float32(8)), zero_point=0)
    w = m.const(rng.integers(-3, 4, (3, 4)).astype(np.int8), scale=float(second), zero_point=0)
    m.op("FULLY_CONNECTED", [x, w], [y])
    check_op(m, 60, rng)


def refusal(model: ModelBuilder) -> str:
    with pytest.raises(UnsupportedModel) as caught:
        compile_graph(parse_model(model.build(), name="m", where="m.tflite"))
    return str(caught.value)


def small_dense(**weights: object) -> ModelBuilder:
    m = ModelBuilder()
    x = m.input((1, 4), "int8", scale=0.1, zero_point=0)
    y = m.output((1, 2), "int8", scale=0.1, zero_point=0)
    values = weights.pop("values", np.ones((2, 4), np.int8))
    assert isinstance(values, np.ndarray)
    w = m.const(values, **weights)  # type: ignore[arg-type]
    bias = weights.get("bias")
    assert bias is None
    m.op("FULLY_CONNECTED", [x, w], [y])
    return m


def test_refuses_convolution_weights_with_a_zero_point() -> None:
    m = ModelBuilder()
    x = m.input((1, 3, 3, 2), "int8", scale=0.1, zero_point=0)
    y = m.output((1, 3, 3, 2), "int8", scale=0.1, zero_point=0)
    w = m.const(np.ones((2, 1, 1, 2), np.int8), scale=0.1, zero_point=3)
    m.op("CONV_2D", [x, w], [y], padding="SAME", stride_h=1, stride_w=1)
    assert "zero point other than 0" in refusal(m)


def test_refuses_hybrid_weights() -> None:
    text = refusal(small_dense(values=np.ones((2, 4), np.float32)))
    assert "operator 0 FULLY_CONNECTED" in text
    assert "weights are float32" in text


def test_refuses_sums_that_overflow() -> None:
    m = ModelBuilder()
    x = m.input((1, 4), "int8", scale=0.1, zero_point=0)
    y = m.output((1, 2), "int8", scale=0.1, zero_point=0)
    w = m.const(np.full((2, 4), 127, np.int8), scale=0.1, zero_point=0)
    b = m.const(np.array([2**31 - 1, 0], np.int32), scale=0.01, zero_point=0)
    m.op("FULLY_CONNECTED", [x, w, b], [y])
    assert "more than 32 bits safely hold" in refusal(m)


def test_refuses_groups_that_do_not_fit() -> None:
    rng = np.random.default_rng(0)
    options = {"padding": "VALID", "stride_h": 1, "stride_w": 1}
    model = sum_model(
        rng, "int8", "CONV_2D", (1, 4, 4, 8), (4, 1, 1, 3), (1, 4, 4, 4), channels=4, axis=0, options=options
    )
    assert "4 filters of 3 channels do not fit" in refusal(model)


def test_refuses_a_computed_bias() -> None:
    m = ModelBuilder()
    x = m.input((1, 4), "int8", scale=0.1, zero_point=0)
    y = m.output((1, 2), "int8", scale=0.1, zero_point=0)
    w = m.const(np.ones((2, 4), np.int8), scale=0.1, zero_point=0)
    m.op("FULLY_CONNECTED", [x, w, m.input((2,), "int32", scale=0.01, zero_point=0)], [y])
    assert "bias is computed at run time" in refusal(m)


def dense_of_int16(weights: np.ndarray, bias: np.ndarray | None = None, **changed: float) -> ModelBuilder:
    """A FULLY_CONNECTED, int16 with int8 weights."""
    units, depth = weights.shape
    given = {"source_point": 0, "target": 4000.0, **changed}
    m = ModelBuilder()
    x = m.input((1, depth), "int16", scale=0.5, zero_point=int(given["source_point"]))
    y = m.output((1, units), "int16", scale=given["target"], zero_point=0)
    w = m.const(weights, scale=0.25, zero_point=0)
    b = [] if bias is None else [m.const(bias, scale=0.125, zero_point=0)]
    m.op("FULLY_CONNECTED", [x, w, *b], [y])
    return m


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("bias", ["int32", "int64"])
def test_largest_sums_of_int16(sign: int, bias: str) -> None:
    """They need 35 bits; with an int32 bias TFLite-Micro's wrap."""
    weights = np.full((5, 3000), -128 * sign if sign > 0 else 127, np.int8)
    model = dense_of_int16(weights, np.full(5, sign * (2**31 - 1), bias))
    values = np.full((1, 1, 3000), -32768, np.int16)
    check_op(model, 1, np.random.default_rng(0), inputs=[values])


def test_refuses_what_int16_has_no_result_for() -> None:
    ones = np.ones((2, 4), np.int8)
    assert "has the zero point 3" in refusal(dense_of_int16(ones, source_point=3))
    assert "more than 47 bits" in refusal(dense_of_int16(ones, np.full(2, 2**47, np.int64)))
    assert "below 2^-14" in refusal(dense_of_int16(ones, target=2.0**-20))
    assert "bias is int16" in refusal(dense_of_int16(ones, np.ones(2, np.int16)))


def test_refuses_int4_dense_weights_per_channel() -> None:
    m = ModelBuilder()
    x = m.input((1, 4), "int8", scale=0.1, zero_point=0)
    y = m.output((1, 2), "int8", scale=0.1, zero_point=0)
    w = m.const(np.ones(4, np.uint8), "int4", shape=(2, 4), scale=[0.1, 0.2], zero_point=0)
    m.op("FULLY_CONNECTED", [x, w], [y])
    assert "int4 weights have a scale per channel" in refusal(m)


def test_refuses_an_output_shape_that_cannot_be() -> None:
    rng = np.random.default_rng(0)
    options = {"padding": "VALID", "stride_h": 1, "stride_w": 1}
    model = sum_model(
        rng, "int8", "CONV_2D", (1, 4, 4, 2), (4, 3, 3, 2), (1, 4, 4, 4), channels=4, axis=0, options=options
    )
    assert "give 2" in refusal(model)


def packed_model(rng: np.random.Generator) -> ModelBuilder:
    """A CONV_2D of odd sizes and a FULLY_CONNECTED, their weights int4."""
    m = ModelBuilder()
    x = m.input((1, 6, 5, 7), "int8", scale=0.1, zero_point=-9)
    between = m.tensor((1, 6, 5, 33), "int8", scale=0.2, zero_point=4)
    y = m.output((1, 60), "int8", scale=0.5, zero_point=0)
    for inputs, outputs, shape in ((x, between, (33, 3, 3, 7)), (between, y, (60, 990))):
        raw = rng.integers(0, 256, (int(np.prod(shape)) + 1) // 2).astype(np.uint8)
        w = m.const(raw, "int4", shape=shape, scale=0.01, zero_point=0)
        if len(shape) == 4:
            m.op("CONV_2D", [inputs, w], [outputs], padding="SAME", stride_h=1, stride_w=1)
        else:
            m.op("FULLY_CONNECTED", [inputs, w], [outputs])
    return m


@pytest.mark.slow
@pytest.mark.parametrize("name", ["m4", "rv32"])
def test_int4_weights_stay_packed_where_flash_counts(name: str) -> None:
    machine = need_machine(name)
    rng = np.random.default_rng(4)
    model = packed_model(rng)
    flash = {}
    for optimize in ("speed", "size"):
        compiled = compile_bytes(model.build(), machine.target, optimize)
        flash[optimize] = compiled.constant_bytes()["weights"]
        assert ("tk_sums_s4" in compiled.kernels) == (optimize == "size")
        check_op(model, 2, rng, machine=machine, optimize=optimize)
    assert flash["size"] < 0.52 * flash["speed"]


@pytest.mark.parametrize("kind", KINDS)
def test_weights_that_are_dequantized_at_run_time(kind: str) -> None:
    """As in models of which only the weights were quantized."""
    rng = np.random.default_rng(5)
    dense = kind == "FULLY_CONNECTED"
    shape = {"CONV_2D": (3, 2, 2, 3), "DEPTHWISE_CONV_2D": (1, 2, 2, 3), "FULLY_CONNECTED": (3, 48)}[kind]
    m = ModelBuilder()
    x = m.input((1, 48) if dense else (1, 4, 4, 3), "float32")
    w = m.tensor(shape, "float32")
    m.op("DEQUANTIZE", [m.const(rng.integers(-128, 128, shape).astype(np.int8), scale=0.01, zero_point=0)], [w])
    y = m.output((1, 3) if dense else (1, 4, 4, 3), "float32")
    options = {} if dense else {"padding": "SAME", "stride_h": 1, "stride_w": 1}
    m.op(kind, [x, w], [y], **options | ({"depth_multiplier": 1} if kind.startswith("DEPTH") else {}))
    check_op(m, 3, rng)
