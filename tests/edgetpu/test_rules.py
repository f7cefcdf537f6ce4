"""Each rule, on a model of one operator: it holds where it is broken, and only there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from support.tflite_builder import ModelBuilder
from tinykit.edgetpu import check as check_module
from tinykit.edgetpu.check import CheckResult, check_bytes
from tinykit.edgetpu.rules import front_end, judge, limits
from tinykit.edgetpu.rules.operators import OPERATORS
from tinykit.edgetpu.rules.rule import Confidence, Rule, Status

Q = {"scale": 0.1, "zero_point": 0}


class Single:
    """A model of one operator."""

    def __init__(self) -> None:
        self.m = ModelBuilder()

    def x(self, *shape: int, dtype: str = "int8") -> int:
        return self.m.input(shape, dtype, **(Q if "int8" in dtype else {}))

    def y(self, *shape: int, dtype: str = "int8") -> int:
        return self.m.output(shape, dtype, **(Q if "int8" in dtype else {}))

    def ints(self, *values: Any) -> int:
        return self.m.const(np.array(values[0] if len(values) == 1 else values, np.int32))

    def weights(self, *shape: int, dtype: type = np.int8) -> int:
        return self.m.const(np.ones(shape, dtype), scale=0.1, zero_point=0)

    def check(self, kind: str, inputs: Sequence[int | None], outputs: Sequence[int], **options: Any) -> CheckResult:
        self.m.op(kind, inputs, outputs, **options)
        return check(self.m)


def check(m: ModelBuilder, *, multi: bool = False) -> CheckResult:
    return check_bytes(m.build(), name="m", where="m", multi=multi)


def rule_of(result: CheckResult) -> str:
    """The rule of the last operator; what an operator on the host needs is asserted on the way."""
    op = result.ops[-1]
    assert op.reason
    assert op.source
    assert op.edgetpu is (op.status is Status.MAPPED)
    assert (op.subgraph is not None) is op.edgetpu
    return op.rule


def conv(dilation: tuple[int, int] = (1, 1), dtype: str = "int8", batch: int = 1, constant: bool = True) -> str:
    s = Single()
    w = s.weights(4, 3, 3, 2) if constant else s.x(4, 3, 3, 2)
    return rule_of(
        s.check("CONV_2D", [s.x(batch, 8, 8, 2, dtype=dtype), w, None], [s.y(batch, 8, 8, 4, dtype=dtype)],
                stride_h=1, stride_w=1, dilation_h_factor=dilation[0], dilation_w_factor=dilation[1], version=3)
    )  # fmt: skip


def test_convolutions() -> None:
    assert conv() == "maps-conv-2d"
    assert conv(dtype="uint8") == "maps-conv-2d"
    assert conv(dilation=(2, 2)) == "maps-conv-2d"
    assert conv(dilation=(2, 1)) == "conv-dilation"
    assert conv(dtype="int16") == "eight-bits"
    assert conv(dtype="float32") == "eight-bits"
    assert conv(batch=2) == "three-dimensions"
    assert conv(constant=False) == "constant-parameters"


@pytest.mark.parametrize("kind", ["AVERAGE_POOL_2D", "MAX_POOL_2D"])
def test_pooling(kind: str) -> None:
    for activation, rule in (("NONE", f"maps-{kind.lower().replace('_', '-')}"), ("RELU6", "pool-activation")):
        s = Single()
        options = dict(stride_h=2, stride_w=2, filter_height=2, filter_width=2, fused_activation_function=activation)
        assert rule_of(s.check(kind, [s.x(1, 8, 8, 4)], [s.y(1, 4, 4, 4)], **options)) == rule


def concat(constants: Sequence[np.ndarray], inputs: int = 1, activation: str = "NONE") -> str:
    s = Single()
    given = [s.x(1, 4, 4, 2) for _ in range(inputs)]
    given += [s.m.const(c, **Q) for c in constants]
    output = s.y(1, 4, 4, 2 * len(given))
    return rule_of(s.check("CONCATENATION", given, [output], axis=3, fused_activation_function=activation))


def test_concatenation() -> None:
    zeros, ones = np.zeros((1, 4, 4, 2), np.int8), np.ones((1, 4, 4, 2), np.int8)
    assert concat([], inputs=3) == "maps-concatenation"
    assert concat([], inputs=2, activation="RELU") == "concat-activation"
    assert concat([zeros]) == "maps-concatenation"
    assert concat([ones]) == "concat-constant"
    assert concat([zeros], inputs=2) == "concat-constant"


def test_zero_means_the_zero_point() -> None:
    s = Single()
    constant = s.m.const(np.full((1, 4), 7, np.int8), scale=0.1, zero_point=7)
    assert rule_of(s.check("CONCATENATION", [s.x(1, 4), constant], [s.y(1, 8)], axis=1)) == "maps-concatenation"


def dense(version: int = 4, weights_format: str = "DEFAULT", constant: bool = True, rows: int = 1) -> CheckResult:
    s = Single()
    w = s.weights(3, 8) if constant else s.x(3, 8)
    return s.check(
        "FULLY_CONNECTED", [s.x(rows, 8), w, None], [s.y(rows, 3)], version=version, weights_format=weights_format
    )


def test_dense() -> None:
    assert rule_of(dense()) == "maps-fully-connected"
    assert rule_of(dense(version=9)) == "dense-version"
    assert rule_of(dense(weights_format="SHUFFLED4x16INT8")) == "dense-format"
    assert rule_of(dense(constant=False)) == "maps-fully-connected"
    assert not dense().cautions
    assert "one-dimensional" in dense(rows=5).cautions[0]


def reduction(kind: str, axis: list[int], channels: int = 8) -> str:
    s = Single()
    return rule_of(s.check(kind, [s.x(1, 4, 4, channels), s.ints(axis)], [s.y(1, 4, 4, channels)], keep_dims=True))


def test_reductions() -> None:
    assert reduction("MEAN", [1, 2]) == "maps-mean"
    assert reduction("MEAN", [-1]) == "maps-mean"
    assert reduction("MEAN", [3], channels=6) == "mean-z"
    assert reduction("MEAN", [0, 1]) == "mean-batch"
    for kind in ("REDUCE_MAX", "REDUCE_MIN", "SUM"):
        assert reduction(kind, [3]) == f"maps-{kind.lower().replace('_', '-')}"
        assert reduction(kind, [-4]) == "reduce-batch"


def test_pack_and_pad() -> None:
    for axis, rule in ((0, "pack-batch"), (-3, "pack-batch"), (1, "maps-pack"), (2, "maps-pack")):
        s = Single()
        given = [s.x(1, 4), s.x(1, 4)]
        shape = [1, 4]
        shape.insert(axis % 3, 2)
        assert rule_of(s.check("PACK", given, [s.y(*shape)], axis=axis, values_count=2)) == rule
    for amounts, rule in (
        ([[0, 0], [1, 1], [1, 1], [0, 2]], "maps-pad"),
        ([[1, 0], [0, 0], [0, 0], [0, 0]], "pad-batch"),
    ):
        s = Single()
        assert rule_of(s.check("PAD", [s.x(1, 4, 4, 2), s.ints(amounts)], [s.y(1, 6, 6, 4)])) == rule


def test_prelu() -> None:
    for shape, rule in (((1, 1, 4), "maps-prelu"), ((8, 8, 4), "prelu-alpha")):
        s = Single()
        assert rule_of(s.check("PRELU", [s.x(1, 8, 8, 4), s.weights(*shape)], [s.y(1, 8, 8, 4)])) == rule


@pytest.mark.parametrize("kind", ["RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR"])
@pytest.mark.parametrize(
    ("before", "after", "mapped"),
    [(33, 33, True), (16, 32, True), (5, 10, True), (3, 5, True), (64, 32, True), (1, 33, False), (33, 513, False)],
)
def test_resize(kind: str, before: int, after: int, mapped: bool) -> None:
    s = Single()
    result = s.check(kind, [s.x(1, before, before, 4), s.ints(after, after)], [s.y(1, after, after, 4)])
    assert result.ops[0].edgetpu is mapped
    assert mapped or rule_of(result) == "resize-magnification"


def test_softmax() -> None:
    for classes, rule in ((1001, "maps-softmax"), (16_000, "maps-softmax"), (16_001, "softmax-size")):
        s = Single()
        assert rule_of(s.check("SOFTMAX", [s.x(1, classes)], [s.y(1, classes)])) == rule


def test_split() -> None:
    for shape, axis, rule in (
        ((1, 8, 8, 6), 3, "maps-split"), ((4, 8, 8), 0, "split-outermost"), ((4, 8, 8), -3, "split-outermost"),
        ((1, 8, 8, 1), 0, "maps-split"),
    ):  # fmt: skip
        s = Single()
        assert rule_of(s.check("SPLIT", [s.ints(axis), s.x(*shape)], [s.y(1, 1)], num_splits=1)) == rule


def test_strided_slice() -> None:
    for strides, masks, rule in (
        ([1, 1], {}, "maps-strided-slice"), ([1, 2], {}, "slice-stride"), ([1, 1], {"ellipsis_mask": 1}, "slice-mask"),
        ([1, 1], {"new_axis_mask": 2}, "slice-mask"), ([1, 1], {"shrink_axis_mask": 1}, "maps-strided-slice"),
    ):  # fmt: skip
        s = Single()
        given = [s.x(4, 8), s.ints(0, 0), s.ints(2, 4), s.ints(strides)]
        assert rule_of(s.check("STRIDED_SLICE", given, [s.y(2, 4)], **masks)) == rule


def test_five_dimensions() -> None:
    for source, target, rule in (
        ((1, 4, 4, 2), (1, 32), "maps-reshape"), ((1, 4, 4, 2), (1, 1, 4, 4, 2), "five-dimensions"),
        ((1, 4, 4, 2), (1, 4, 2, 2, 2), "three-dimensions"),
    ):  # fmt: skip
        s = Single()
        assert rule_of(s.check("RESHAPE", [s.x(*source), s.ints(target)], [s.y(*target)])) == rule


def test_computed_parameters_and_open_sizes() -> None:
    s = Single()
    result = s.check("RESHAPE", [s.x(1, 4, 4, 2), s.x(2, dtype="int32")], [s.y(1, 32)])
    assert rule_of(result) == "constant-parameters"
    assert "static-sized" in result.cautions[0]
    s = Single()
    assert rule_of(s.check("LOGISTIC", [s.x(1, 0, 4)], [s.y(1, 0, 4)])) == "constant-size"


def test_float_at_the_ends() -> None:
    m = ModelBuilder()
    x = m.input((1, 8), "float32")
    a = m.tensor((1, 8), "int8", **Q)
    b = m.tensor((1, 8), "int8", **Q)
    y = m.output((1, 8), "float32")
    m.op("QUANTIZE", [x], [a])
    m.op("LOGISTIC", [a], [b])
    m.op("DEQUANTIZE", [b], [y])
    result = check(m)
    assert [op.edgetpu for op in result.ops] == [False, True, False]
    assert [op.rule for op in result.ops] == ["eight-bits", "maps-logistic", "eight-bits"]
    assert result.ops[0].status is Status.TYPE
    assert result.subgraphs[0].inputs == ("t1",)
    assert result.subgraphs[0].outputs == ("t2",)


def test_custom_and_unknown_operators() -> None:
    m = ModelBuilder()
    x, a, y = m.input((1, 8), **Q), m.tensor((1, 8), **Q), m.output((1, 8), **Q)
    m.op("TANH", [x], [a])
    m.op("CUSTOM", [a], [y], custom_code="TFLite_Detection_PostProcess")
    result = check(m)
    assert [op.op for op in result.ops] == ["TANH", "CUSTOM:TFLite_Detection_PostProcess"]
    assert [op.rule for op in result.ops] == ["maps-tanh", "custom-operator"]
    s = Single()
    result = s.check("HARD_SWISH", [s.x(1, 8)], [s.y(1, 8)])
    assert rule_of(result) == "not-listed"
    assert "RELU6" in result.ops[0].change


def test_what_follows_is_stranded() -> None:
    m = ModelBuilder()
    x = m.input((1, 8), **Q)
    a, b, c = (m.tensor((1, 8), **Q) for _ in range(3))
    y = m.output((1, 8), **Q)
    m.op("TANH", [x], [a])
    m.op("HARD_SWISH", [a], [b])
    m.op("LOGISTIC", [a], [c])
    m.op("ADD", [b, c], [y])
    single, multi = check(m), check(m, multi=True)
    assert [op.subgraph for op in single.ops] == [0, None, 0, None]
    assert single.ops[3].rule == "one-subgraph"
    assert "operator 1 (HARD_SWISH)" in single.ops[3].reason
    assert single.ops[3].supported
    assert [op.subgraph for op in multi.ops] == [0, None, 0, 1]
    assert single.subgraphs[0].outputs == ("t1", "t3")


def test_states_of_a_recurrent_layer_may_be_wider() -> None:
    m = ModelBuilder()
    x = m.input((1, 4, 8), **Q)
    state = m.tensor((1, 6), "int16", scale=0.1, zero_point=0, variable=True)
    y = m.output((1, 4, 6), **Q)
    m.op("UNIDIRECTIONAL_SEQUENCE_LSTM", [x, *[None] * 17, state], [y])
    result = check(m)
    assert rule_of(result) == "maps-unidirectional-sequence-lstm"
    assert result.not_counted == ("UNIDIRECTIONAL_SEQUENCE_LSTM",)


def test_every_rule_says_where_it_comes_from() -> None:
    assert all(s.rule.source and s.rule.status is Status.MAPPED for s in OPERATORS.values())
    assert OPERATORS["TILE"].rule.confidence is Confidence.SEEN
    ids = [s.rule.id for s in OPERATORS.values()]
    assert len(set(ids)) == len(ids)


def test_the_documentation_has_every_rule_and_operator() -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "edgetpu.md").read_text()
    rules = {
        value.id
        for module in (judge, limits, front_end, check_module)
        for value in vars(module).values()
        if isinstance(value, Rule)
    }
    assert len(rules) > 25
    assert {rule for rule in rules if f"`{rule}`" not in text} == set()
    assert {kind for kind in OPERATORS if not re.search(rf"\b{kind}\b", text)} == set()


@pytest.mark.parametrize(
    ("shape", "dims", "rule"),
    [
        ((1, 1, 1, 10), (1, 2), "maps-squeeze"),
        ((1, 5, 10), (0,), "maps-squeeze"),
        ((1, 5, 1, 10), (2,), "squeeze-inner"),
        ((1, 5, 1, 10), (-2,), "squeeze-inner"),
        ((1, 5, 1, 10), (), "squeeze-inner"),
    ],
)
def test_squeeze(shape: tuple[int, ...], dims: tuple[int, ...], rule: str) -> None:
    s = Single()
    gone = {axis % len(shape) for axis in dims} or {i for i, size in enumerate(shape) if size == 1}
    kept = [size for i, size in enumerate(shape) if i not in gone]
    assert rule_of(s.check("SQUEEZE", [s.x(*shape)], [s.y(*kept)], squeeze_dims=list(dims))) == rule


def test_a_constant_of_floats() -> None:
    s = Single()
    real = s.m.const(np.ones((1, 4), np.float32))
    s.m.op("RELU", [s.x(1, 4)], [s.y(1, 4)])
    assert rule_of(s.check("QUANTIZE", [real], [s.y(1, 4)])) == "eight-bits"


def test_what_stands_behind_an_operator_on_the_host_is_not_sure() -> None:
    m = ModelBuilder()
    a, b = m.input((1, 4), "int8", **Q), m.input((1, 4), "int8", **Q)
    left, right, product = (m.tensor((1, 4), "int8", **Q) for _ in range(3))
    m.op("LEAKY_RELU", [a], [left], alpha=0.1)
    m.op("ADD", [b, b], [right])
    m.op("MUL", [right, b], [product])
    m.op("ADD", [left, product], [m.output((1, 4), "int8", **Q)])
    result = check(m)
    assert result.ops[3].edgetpu
    assert "3 ADD: behind an operator that runs on the host" in result.cautions[0]
