"""docs/operators.md says what the compiler does: it is up to date, and what it says of each operator and type is so."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from support.check import assert_same, random_inputs
from support.native import compile_bytes, run_compiled
from support.oracle import run_oracle
from support.tflite_builder import ModelBuilder
from support.trees import add_forest, random_forest
from tinykit.compiler.kernels import REGISTRY
from tinykit.compiler.operators_doc import PATH, document
from tinykit.errors import UnsupportedModel
from tinykit.graph.forest import FOREST
from tinykit.graph.types import DType

DOCUMENT = Path(__file__).resolve().parents[2] / PATH
PAIRS = [(kind, *types) for kind, operator in sorted(REGISTRY.items()) for types in operator.types]
INTS = {"amounts": [[0, 0], [1, 0], [0, 2], [0, 0]], "order": [0, 2, 1, 3], "axes": [1, 2], "axis": [0]}
WINDOW = {"padding": "SAME", "stride_h": 1, "stride_w": 1}


def quantization(dtype: str, **values: Any) -> dict[str, Any]:
    return values if dtype in ("int8", "uint8", "int16") else {}


def add_one(model: ModelBuilder, kind: str, source: str, target: str, **output: Any) -> None:
    """The plainest operator of a kind, over new inputs and outputs: most are image to image, of 1 x 4 x 6 x 2."""

    def ints(name: str) -> int:
        return model.const(np.array(INTS[name], np.int32))

    if kind == FOREST:
        add_forest(model, random_forest(np.random.default_rng(3), source), 4, source, target)
        return
    shape = {"FULLY_CONNECTED": (3, 4)}.get(kind, (1, 4, 6, 2))
    out = {
        "FULLY_CONNECTED": (3, 5),
        "PAD": (1, 5, 8, 2),
        "PADV2": (1, 5, 8, 2),
        "TRANSPOSE": (1, 6, 4, 2),
        "CONCATENATION": (1, 4, 6, 4),
        "STRIDED_SLICE": (1, 3, 5, 2),
        "MEAN": (1, 2),
        "RESHAPE": (8, 6),
        "SQUEEZE": (4, 6, 2),
        "EXPAND_DIMS": (1, 1, 4, 6, 2),
    }.get(kind, shape)
    point = 0 if source == "int16" else 3
    affine = {"scale": 0.05, "zero_point": point}
    own = {
        "SOFTMAX": {"scale": 1 / 256, "zero_point": -128},
        "LOGISTIC": {"scale": 1 / 256, "zero_point": -128},
        "TANH": {"scale": 1 / 128, "zero_point": 0},
    }.get(kind, affine)
    x = model.input(shape, source, **quantization(source, **affine))
    inputs: list[int | None] = [x]
    options: dict[str, Any] = {}
    if kind in ("ADD", "SUB", "MUL", "CONCATENATION"):
        inputs.append(model.input(shape, source, **quantization(source, **affine)))
        options = {"axis": 3} if kind == "CONCATENATION" else {"fused_activation_function": "RELU"}
    elif kind in ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"):
        sizes = {"CONV_2D": (2, 3, 3, 2), "DEPTHWISE_CONV_2D": (1, 3, 3, 2), "FULLY_CONNECTED": (5, 4)}[kind]
        values = np.random.default_rng(1).integers(-127, 128, sizes).astype(source)
        inputs.append(model.const(values, **quantization(source, scale=0.01, zero_point=0)))
        options = {} if kind == "FULLY_CONNECTED" else dict(WINDOW)
        if kind == "DEPTHWISE_CONV_2D":
            options["depth_multiplier"] = 1
    elif kind in ("AVERAGE_POOL_2D", "MAX_POOL_2D"):
        options = {**WINDOW, "filter_height": 2, "filter_width": 3}
    elif kind in ("PAD", "PADV2"):
        inputs.append(ints("amounts"))
        if kind == "PADV2":
            inputs.append(model.const(np.array([1], source), **quantization(source, **affine)))
    elif kind == "STRIDED_SLICE":
        inputs += [model.const(np.array(v, np.int32)) for v in ([0, 1, 0, 0], [1, 4, 5, 2], [1, 1, 1, 1])]
    elif kind in ("TRANSPOSE", "MEAN", "EXPAND_DIMS"):
        inputs.append(ints({"TRANSPOSE": "order", "MEAN": "axes", "EXPAND_DIMS": "axis"}[kind]))
    elif kind == "RESHAPE":
        inputs.append(model.const(np.array(out, np.int32)))
    elif kind == "SOFTMAX":
        options = {"beta": 1.0}
    elif kind == "LEAKY_RELU":
        options = {"alpha": 0.1}
    y = model.output(out, target, **quantization(target, **{**own, **output}))
    model.op(kind, inputs, [y], **options)


def one(kind: str, source: str, target: str) -> bytes:
    model = ModelBuilder()
    add_one(model, kind, source, target)
    return model.build()


def test_the_document_is_up_to_date() -> None:
    assert DOCUMENT.read_text() == document(), "run: python -m tinykit.compiler.operators_doc"


def test_the_document_lists_exactly_the_registered_operators_and_types() -> None:
    """Read back from the text, not through what made it."""
    listed = set()
    for line in DOCUMENT.read_text().splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if not cells or not re.fullmatch(r"[A-Z0-9_]+", cells[0]):
            continue
        kind, int8, float32, others = cells[:4]
        for source, cell in (("int8", int8), ("float32", float32)):
            for entry in filter(None, cell.split("; ")):
                named = re.match(r"to (\w+): ", entry)
                listed.add((kind, source, named.group(1) if named else source))
        listed |= {(kind, label, label) for label in filter(None, others.split(", "))}
    assert listed == {(kind, a.label, b.label) for kind, a, b in PAIRS}


@pytest.mark.slow
def test_every_type_that_is_listed_compiles_and_is_as_exact_as_said() -> None:
    """One program of all operators and types, each held to TFLite-Micro where that takes the type."""
    model, expected = ModelBuilder(), []
    inputs: list[np.ndarray] = []
    for kind, source, target in PAIRS:
        tflite = one(kind, source.label, target.label)
        exact = REGISTRY[kind].exactness(source, target) == "identical"
        if DType.BOOL in (source, target):
            compile_bytes(tflite)
            continue
        values = random_inputs(tflite, 3, np.random.default_rng(7))
        try:
            (want,) = run_oracle(tflite, values).outputs
        except RuntimeError:
            assert kind == FOREST or source not in (DType.INT8, DType.FLOAT32), (
                f"TFLite-Micro does not take {source.label} {kind}"
            )
            want = None
        add_one(model, kind, source.label, target.label)
        inputs += values
        expected.append((f"{kind} {source.label} to {target.label}", want, exact))
    for (what, want, exact), have in zip(expected, run_compiled(model.build(), inputs), strict=True):
        if want is not None:
            assert_same(want, have, what, rtol=0 if exact else 1e-5, atol=0 if exact else 1e-6)


@pytest.mark.parametrize("kind", sorted(REGISTRY))
def test_a_type_that_is_not_listed_is_refused(kind: str) -> None:
    with pytest.raises(UnsupportedModel, match="input is int64 and output int64; supported: "):
        compile_bytes(one(kind, "int64", "int64"))


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


@pytest.mark.parametrize("dtype", ["float16", "uint32", "string"])
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
    model = ModelBuilder()
    add_one(model, kind, "int8", "int8", scale=0.0)
    with pytest.raises(UnsupportedModel, match="has the scale 0"):
        compile_bytes(model.build())
