"""docs/operators.md says what the compiler does: it is up to date, and what it says of each operator and type is so."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from proof.case import proofs
from proof.prove import Drawn, compile_drawn, draw
from proof.record import WANTED
from support.native import compile_bytes
from support.tflite_builder import ModelBuilder
from tinykit.compiler import CompiledModel, Target
from tinykit.compiler.kernels import REGISTRY
from tinykit.compiler.operators_doc import PATH, document
from tinykit.compiler.operators_doc import RECORD as RECORD_PATH
from tinykit.errors import UnsupportedModel

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / PATH
PAIRS = {(kind, *types) for kind, operator in REGISTRY.items() for types in operator.types}
RECORD = json.loads((ROOT / RECORD_PATH).read_text())


def compilable(kind: str, label: str) -> Drawn:
    """The first case of a proof that compiles, of which there are variables only."""
    cases = (draw(proofs()[kind, label], kind, label, seed) for seed in range(50))
    return next(
        c for c in cases if isinstance(compile_drawn(c, Target(), "speed"), CompiledModel) and c.case.model.inputs
    )


def test_the_document_is_up_to_date() -> None:
    assert DOCUMENT.read_text() == document(RECORD), "run: python -m tinykit.compiler.operators_doc"


def test_the_document_lists_exactly_the_registered_operators_and_types() -> None:
    """Read back from the text, not through what made it."""
    listed = set()
    kinds = set()
    text = DOCUMENT.read_text().partition("## Types")[2].partition("## Limits")[0]
    names = [cell.strip() for cell in re.findall(r"^\| operator .*$", text, re.MULTILINE)[0].split("|")[1:-1]]
    for line in text.splitlines():
        cells = dict(zip(names, [cell.strip() for cell in line.split("|")[1:-1]], strict=False))
        if not cells or cells["operator"] not in REGISTRY:
            continue
        kind = cells["operator"]
        kinds.add(kind)
        for source in ("int8", "int16", "float32"):
            for entry in filter(None, cells[source].split("; ")):
                named = re.match(r"to (\w+): ", entry)
                listed.add((kind, source, named.group(1) if named else source))
        if not REGISTRY[kind].types:
            assert cells["other types"].startswith("any")
            continue
        for group in filter(None, cells["other types"].split("; ")):
            for label in group.partition(": ")[0].split(", "):
                source, _, target = label.partition(" to ")
                listed.add((kind, source, target or source))
    assert kinds == set(REGISTRY)
    assert listed == {(kind, a.label, b.label) for kind, a, b in PAIRS}


def test_the_record_has_all_operators_and_no_result_that_differs() -> None:
    """As many models of each operator and type as are wanted."""
    proven = RECORD["operators"]
    assert set(proven) == set(REGISTRY), "run: make proof"
    for kind, labels in proven.items():
        for label, entry in labels.items():
            for machine, wanted in WANTED.items():
                figures = entry[machine]
                assert figures["wrong"] == 0, (kind, label, machine)
                assert figures["compared"] + figures["extensions"] >= wanted, (kind, label, machine)


@pytest.mark.parametrize("kind", sorted(kind for kind, operator in REGISTRY.items() if operator.types))
def test_a_type_that_is_not_listed_is_refused(kind: str) -> None:
    """A model of its proof, but all that is computed is of such a type."""
    taken = {dtype.label for pair in REGISTRY[kind].types for dtype in pair}
    others = [dtype for dtype in ("int64", "bool", "uint8", "int32", "int16") if dtype not in taken]
    if not others:
        pytest.skip(f"{kind} takes all types that a model's input can have")
    model = compilable(kind, next(label for proven, label in proofs() if proven == kind)).case.model
    for tensor in model.variables_of(kind):
        model.change(tensor, dtype=others[0])
    with pytest.raises(UnsupportedModel, match=rf"{kind}.*: input is .*\b{others[0]}\b.*; supported: "):
        compile_bytes(model.build())


def test_the_message_shown_is_the_compilers() -> None:
    model = ModelBuilder()
    x = model.input((2, 3), "float32")
    t, u = model.tensor((2, 3), "float32"), model.tensor((2, 3), "float32")
    model.op("TANH", [x], [t])
    model.op("LOGISTIC", [t], [u])
    model.op("TRANSPOSE", [u, model.input((2,), "int32")], [model.output((3, 2), "float32")])
    with pytest.raises(UnsupportedModel) as caught:
        compile_bytes(model.build())
    shown = re.search(r"^    error: model.tflite: (.*?)\n\n", DOCUMENT.read_text(), re.DOTALL | re.MULTILINE)
    assert shown is not None
    assert caught.value.render().removeprefix("model: ") == shown.group(1).replace("\n    ", "\n")


@pytest.mark.parametrize("dtype", ["float16", "complex64", "string"])
def test_an_input_that_nobody_reads_is_refused_where_c_has_no_type_for_it(dtype: str) -> None:
    model = ModelBuilder()
    model.op("RELU", [model.input((4,), "float32")], [model.output((4,), "float32")])
    model.input((4,), dtype)
    with pytest.raises(UnsupportedModel, match=f"it is {dtype}"):
        compile_bytes(model.build())


def moved(kind: str, shape: tuple[int, ...], out: tuple[int, ...], *constants: list[Any]) -> bytes:
    model = ModelBuilder()
    inputs = [model.input(shape, "float32"), *(model.const(np.array(c, np.int32)) for c in constants)]
    model.op(kind, inputs, [model.output(out, "float32")])
    return model.build()


def test_as_many_dimensions_as_are_said_can_be_moved() -> None:
    shape = (2, 3, 4, 5, 6)
    assert "up to 5 dimensions" in REGISTRY["TRANSPOSE"].takes
    for order in itertools.permutations(range(5)):
        compile_bytes(moved("TRANSPOSE", shape, tuple(shape[i] for i in order), list(order)))
    assert "up to 5 dimensions" in REGISTRY["STRIDED_SLICE"].takes
    halves = tuple(-(-size // 2) for size in shape)
    compile_bytes(moved("STRIDED_SLICE", shape, halves, [0] * 5, list(shape), [2] * 5))
    assert "up to 6 dimensions" in REGISTRY["PAD"].takes
    compile_bytes(moved("PAD", (2,) * 6, (4,) * 6, [[1, 1]] * 6))


@pytest.mark.parametrize("kind", ["CONV_2D", "RELU", "MEAN", "AVERAGE_POOL_2D"])
def test_the_scale_0_is_refused(kind: str) -> None:
    model = compilable(kind, "int8").case.model
    model.change(model.outputs[0], scale=0.0)
    with pytest.raises(UnsupportedModel, match="has the scale 0"):
        compile_bytes(model.build())
