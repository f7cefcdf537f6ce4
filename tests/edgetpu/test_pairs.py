"""The prediction against what the real compiler made of published models: placement of every operator, and bytes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tinykit.edgetpu.check import CheckResult, check_model
from tinykit.errors import InputError

NEAR = 0.05
"""Of the bytes that the compiled file holds, cached and streamed."""


@pytest.fixture(scope="module")
def pairs(shared: Path) -> list[tuple[dict[str, Any], CheckResult]]:
    folder = shared / "edgetpu"
    if not (folder / "pairs.json").is_file():
        pytest.skip(f"published pairs not found in {folder}")
    facts = json.loads((folder / "pairs.json").read_text())
    return [(fact, check_model(folder / "pairs" / f"{fact['model']}.tflite")) for fact in facts]


def test_every_operator_is_where_the_compiler_put_it(pairs: list[tuple[dict[str, Any], CheckResult]]) -> None:
    for fact, result in pairs:
        on_host = [op.index for op in result.ops if not op.edgetpu]
        assert on_host == fact["cpu_op_indices"], fact["model"]
        assert (len(result.ops), result.mapped) == (fact["ops"], fact["mapped_to_edgetpu"])
        assert len(result.subgraphs) == fact["edgetpu_custom_ops"]
        assert not result.refusals


def test_parameter_bytes_are_near_for_most(pairs: list[tuple[dict[str, Any], CheckResult]]) -> None:
    near = []
    for fact, result in pairs:
        held = sum(exe["params"] for package in fact["executables"] for exe in package["exes"])
        near.append(abs(result.parameter_bytes - held) <= NEAR * held)
    assert sum(near) >= 12, near


def test_several_subgraphs_hold_more(pairs: list[tuple[dict[str, Any], CheckResult]], shared: Path) -> None:
    for fact, single in pairs:
        multi = check_model(shared / "edgetpu" / "pairs" / f"{fact['model']}.tflite", multi=True)
        assert {op.index for op in single.ops if op.edgetpu} <= {op.index for op in multi.ops if op.edgetpu}
        assert multi.subgraphs[0] == single.subgraphs[0]
        assert {op.index for op in multi.ops if op.edgetpu} == {op.index for op in multi.ops if op.supported}


def test_a_compiled_file_is_no_model_to_compile(pairs: list[tuple[dict[str, Any], CheckResult]], shared: Path) -> None:
    for fact, _ in pairs:
        with pytest.raises(InputError, match="compiled for the Edge TPU already"):
            check_model(shared / "edgetpu" / "pairs" / f"{fact['model']}_edgetpu.tflite")
