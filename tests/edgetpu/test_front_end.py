"""Files that the compiler's TensorFlow Lite cannot read: nothing is mapped, and the reason has its words."""

from __future__ import annotations

import pytest

from support.tflite_builder import ModelBuilder
from tinykit.edgetpu.check import CheckResult, check_bytes
from tinykit.edgetpu.rules.front_end import LAST_VERSION
from tinykit.edgetpu.rules.operators import OPERATORS
from tinykit.graph.operators import BUILTIN_OPERATORS


def unary(kind: str, version: int = 1, dtype: str = "int8", custom_code: str = "") -> CheckResult:
    """A LOGISTIC and then ``kind``."""
    m = ModelBuilder()
    q = {"scale": 0.1, "zero_point": 0} if dtype == "int8" else {}
    x, a, y = m.input((1, 8), dtype, **q), m.tensor((1, 8), dtype, **q), m.output((1, 8), dtype, **q)
    m.op("LOGISTIC", [x], [a])
    m.op(kind, [a], [y], version=version, custom_code=custom_code)
    return check_bytes(m.build(), name="m", where="m")


@pytest.mark.parametrize(
    ("kind", "version"), [("CONV_2D", 6), ("QUANTIZE", 3), ("TRANSPOSE_CONV", 4), ("EXP", 2), ("FULLY_CONNECTED", 12)]
)
def test_versions_that_were_reported_as_refused(kind: str, version: int) -> None:
    assert version > LAST_VERSION[kind]


def test_a_newer_version() -> None:
    result = unary("TANH", version=4)
    assert [refusal.rule.id for refusal in result.refusals] == ["front-end-version"]
    assert "Didn't find op for builtin opcode 'TANH' version '4'" in result.refusals[0].reason
    assert result.refusals[0].ops == (1,)
    assert not result.subgraphs
    assert [op.edgetpu for op in result.ops] == [False, False]
    assert [op.rule for op in result.ops] == ["file-refused", "front-end-version"]
    assert not unary("TANH", version=3).refusals


def test_a_newer_operator() -> None:
    result = unary("GELU")
    assert [refusal.rule.id for refusal in result.refusals] == ["front-end-operator"]
    assert "out of range" in result.refusals[0].reason
    assert result.parameter_bytes == 0


def test_tensorflow_operators() -> None:
    assert unary("CUSTOM", custom_code="FlexErf").refusals[0].rule.id == "front-end-flex"
    assert not unary("CUSTOM", custom_code="Mine").refusals


def test_a_float_model() -> None:
    result = unary("TANH", dtype="float32")
    assert [refusal.rule.id for refusal in result.refusals] == ["not-quantized"]
    assert "--target edgetpu" in result.refusals[0].change


def test_the_tables_name_operators_that_exist() -> None:
    assert set(LAST_VERSION) <= set(BUILTIN_OPERATORS)
    assert set(OPERATORS) <= set(BUILTIN_OPERATORS)
