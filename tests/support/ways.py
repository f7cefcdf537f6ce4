"""Runs a layer in every way that its lowering offers for a machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from support.check import assert_same, random_inputs
from support.machines import Machine
from support.native import run_model
from support.oracle import run_oracle
from support.tflite_builder import ModelBuilder
from tinykit.compiler import CompiledModel
from tinykit.compiler.kernels.base import KernelCall, Lowered
from tinykit.compiler.model import Step
from tinykit.compiler.names import c_identifier
from tinykit.compiler.plan import Buffer, MemoryPlan
from tinykit.compiler.subgraphs import lower_graph
from tinykit.graph.macs import op_macs
from tinykit.graph.reader import parse_model
from tinykit.graph.types import Graph


def check_ways(model: ModelBuilder, n_samples: int, rng: np.random.Generator, machine: Machine) -> list[str]:
    """Compare with TFLite-Micro every alternative to portable kernels, in place, too, where it says that it may be.

    Scratch memory ends where the input begins, so that a kernel which takes more than it asked for spoils its input.

    Args:
        model: of one operator with one input and one output.

    Returns:
        The kernels that were tried.

    Raises:
        AssertionError: on a difference.
    """
    tflite = model.build()
    values = random_inputs(tflite, n_samples, rng)
    (want,) = run_oracle(tflite, values).outputs
    graph = parse_model(tflite, name="model", where="model")
    _, (entry,) = lower_graph(graph, machine.target, "model")
    tried = []
    for call, plan in _plans(graph, entry.lowered):
        step = Step(0, entry.op, (call,), op_macs(graph, entry.op))
        compiled = CompiledModel(c_identifier("model"), graph, graph, machine.target, "balanced", (step,), plan)
        (have,) = run_model(compiled, values, machine=machine)
        assert_same(want, have, call.kernel + (" in place" if len(plan.buffers) == 2 else ""))
        tried.append(call.kernel)
    return tried


def _plans(graph: Graph, lowered: Lowered) -> Iterator[tuple[KernelCall, MemoryPlan]]:
    (source,), (target,) = graph.inputs, graph.outputs
    for (call,) in lowered.alternatives:
        size = graph.tensor(target).nbytes
        out = Buffer((target,), "output", 0, size, -1, 1)
        scratch = Buffer((), "scratch", -(-size // 16) * 16, call.scratch or 0, 0, 0)
        start = -(-(scratch.offset + scratch.size) // 16) * 16
        end = start + graph.tensor(source).nbytes
        own = Buffer((source,), "input", start, end - start, -1, 1)
        yield call, MemoryPlan((out, scratch, own), end, end, {0: scratch}, 1)
        if call.in_place:
            both = replace(own, tensors=(source, target))
            yield call, MemoryPlan((scratch, both), end, end, {0: scratch}, 1)
