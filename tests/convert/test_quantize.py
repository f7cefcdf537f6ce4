"""Every mode gives the types it names, on the engine it is allowed for."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from support.oracle import run_oracle
from tinykit.convert.analysis import in_type, real
from tinykit.convert.options import MODES, STATIC, Quantize
from tinykit.convert.quantize import Scheme, quantize
from tinykit.convert.statistics import Range, collect
from tinykit.convert.targets import REFUSED, check_graph
from tinykit.errors import InputError
from tinykit.graph.reader import parse_model

from .conftest import TRAINING, Digits

TYPES: dict[Quantize, tuple[str, str, str]] = {  # input, weights, output
    "int8": ("int8", "int8", "int8"),
    "int16x8": ("int16", "int8", "int16"),
    "int8-float-io": ("float32", "int8", "float32"),
    "int4-weights": ("int8", "int4", "int8"),
    "float16": ("float32", "float16", "float32"),
    "dynamic": ("float32", "int8", "float32"),
    "none": ("float32", "float32", "float32"),
}


@pytest.fixture(scope="module")
def ranges(float_mlp: bytes, digits: Digits) -> Mapping[str, Range]:
    return collect(float_mlp, [digits.images[:300].reshape(-1, 1, 64)], "mlp")


@pytest.mark.parametrize("mode", MODES)
def test_types_and_accuracy(mode: Quantize, float_mlp: bytes, digits: Digits, ranges: Mapping[str, Range]) -> None:
    result = quantize(float_mlp, Scheme(mode), ranges, "mlp")
    graph = parse_model(result, name="m", where="m")
    weights = next(t for t in graph.tensors.values() if t.name.startswith("layer0/dense/weights") and t.is_constant)
    found = graph.tensor(graph.inputs[0]).dtype.label, weights.dtype.label, graph.tensor(graph.outputs[0]).dtype.label
    assert found == TYPES[mode]
    if ("mcu", mode) in REFUSED:
        return
    check_graph(graph, "mcu", "m")
    x = in_type(digits.images[TRAINING:].reshape(-1, 1, 64), graph.tensor(graph.inputs[0]))
    outputs = real(run_oracle(result, [x]).outputs[0], graph.tensor(graph.outputs[0]))
    accuracy = np.mean(outputs.reshape(-1, 10).argmax(1) == digits.labels[TRAINING:])
    assert accuracy > 0.88


@pytest.mark.parametrize("mode", sorted(STATIC))
def test_no_calibration(mode: Quantize, float_mlp: bytes) -> None:
    with pytest.raises(InputError, match="needs calibration samples"):
        quantize(float_mlp, Scheme(mode), None, "mlp")


def test_layers_can_be_chosen(float_mlp: bytes, ranges: Mapping[str, Range]) -> None:
    result = quantize(float_mlp, Scheme("int8", in_float=("layer0/dense",)), ranges, "mlp")
    graph = parse_model(result, name="m", where="m")
    types = {graph.output(op).name: graph.output(op).dtype.label for op in graph.ops}
    assert types["layer0/dense"] == "float32"
    assert types["layer1/dense"] == "int8"


def test_clipping() -> None:
    values = np.sort(np.random.default_rng(1).standard_t(2, 100_000)).astype(np.float32)
    known = Range(float(values[0]), float(values[-1]), np.abs(values[[0, -1]]), values)
    assert known.clipped("none") == (known.low, known.high)
    assert known.clipped("p99.9")[1] < 0.5 * known.high

    def error(low: float, high: float) -> float:
        step = (high - low) / 255
        return float(np.mean((np.clip(np.round(values / step) * step, low, high) - values) ** 2))

    assert error(*known.clipped("mse")) < 0.9 * error(*known.clipped("none"))
