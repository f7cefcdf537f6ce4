"""ADD and SUB on Arm cores with the DSP extension, against TFLite-Micro, on such a core."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from compiler.kernels.binary_models import add_op, random_binary_model
from support.check import check_op
from support.cost import check_model_of_cost
from support.machines import MACHINES, need_machine
from support.probe import need_tools
from support.slow import rest_slow
from support.tflite_builder import ModelBuilder
from tinykit.compiler.kernels.base import KernelCall
from tinykit.compiler.subgraphs import lower_graph
from tinykit.graph.reader import parse_model

both = pytest.mark.parametrize("kind", rest_slow(["ADD", "SUB"]))
KERNEL = "tk_add_dsp_s8"
# typical; powers of two, where every second sum is a tie; factors above 1; far apart
SCALES = [(0.0313, 0.0211, 0.0417), (0.25, 0.125, 0.25), (0.5, 0.3, 0.11), (3.0, 1e-6, 2.5)]


def offered(model: ModelBuilder, machine: str = "m4") -> Iterator[KernelCall]:
    graph = parse_model(model.build(), name="m", where="m")
    for entry in lower_graph(graph, MACHINES[machine].target, "m")[1]:
        for way in entry.lowered.alternatives:
            yield from way


def one_op(
    kind: str, first: tuple[int, ...], second: tuple[int, ...], scales: tuple[float, float, float], activation: str
) -> ModelBuilder:
    model = ModelBuilder()
    add_op(model, kind, first, second, scales, (-128, 12, -128 if activation == "RELU" else -5), activation)
    return model


@both
@pytest.mark.parametrize("scales", SCALES)
@pytest.mark.parametrize("activation", ["NONE", "RELU"])
def test_all_pairs_of_operands(kind: str, scales: tuple[float, float, float], activation: str) -> None:
    model = one_op(kind, (65536,), (65536,), scales, activation)
    assert [call.kernel for call in offered(model)] == [KERNEL]
    every = np.arange(-128, 128, dtype=np.int8)
    pairs = [v.reshape(1, -1) for v in np.meshgrid(every, every, indexing="ij")]
    check_op(model, 1, np.random.default_rng(0), inputs=pairs, machine=need_machine("m4"))


@pytest.mark.slow
@both
def test_random_sums(kind: str) -> None:
    """Many scales and shapes: numbers of elements that are no multiple of four, repeated operands, clamps."""
    rng = np.random.default_rng(4)
    model = random_binary_model(kind, 60, rng)
    assert sum(call.kernel == KERNEL for call in offered(model)) >= 7
    check_op(model, 5, rng, machine=need_machine("m4"))


@pytest.mark.parametrize(
    ("second", "activation", "machine"),
    [((1, 8), "NONE", "m4"), ((4, 8), "RELU6", "m4"), ((4, 8), "NONE", "rv32")],
)
def test_is_not_offered(second: tuple[int, ...], activation: str, machine: str) -> None:
    """For operands that are repeated, clamps other than int8's, other cores."""
    model = one_op("ADD", (4, 8), second, SCALES[0], activation)
    assert KERNEL not in [call.kernel for call in offered(model, machine)]


@pytest.mark.slow
@pytest.mark.parametrize("count", [256, 3001])
def test_instructions_and_code_are_as_modelled(count: int, tmp_path: Path) -> None:
    need_tools("qemu-mps2-an386")
    model = one_op("ADD", (count,), (count,), SCALES[0], "NONE")
    check_model_of_cost(model, KERNEL, "qemu-mps2-an386", tmp_path)
