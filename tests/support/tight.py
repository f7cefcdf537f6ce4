"""Runs a layer with its output as far over its input as its kernel says it may be, and less far."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from support.check import assert_same, random_inputs
from support.machines import Machine
from support.native import run_model
from support.oracle import run_oracle
from support.tflite_builder import ModelBuilder
from tinykit.compiler import CompiledModel, Target
from tinykit.compiler.kernels.base import KernelCall, Lowered, Overlap
from tinykit.compiler.model import Step
from tinykit.compiler.names import c_identifier
from tinykit.compiler.plan import Buffer, MemoryPlan
from tinykit.compiler.subgraphs import lower_graph
from tinykit.graph.macs import op_macs
from tinykit.graph.reader import parse_model
from tinykit.graph.types import Graph


def check_overlaps(
    model: ModelBuilder, n_samples: int, rng: np.random.Generator, *, machine: Machine | None = None, unit: int = 1
) -> int:
    """Compare with TFLite-Micro every way to do a layer, with every overlap that it offers; says how many there were.

    Each is tried at its least lead and at a random larger one, for a planner may choose any that is larger.

    Args:
        model: of one operator.
        unit: bytes; leads are rounded up to multiples of it. 1 for kernels that read bytes, 16 (as the planner does)
            for those that need what they read to be aligned.

    Raises:
        AssertionError: on a difference.
    """
    tflite = model.build()
    values = random_inputs(tflite, n_samples, rng)
    expected = run_oracle(tflite, values).outputs
    graph = parse_model(tflite, name="model", where="model")
    target = machine.target if machine else Target()
    _, (entry,) = lower_graph(graph, target, "model")
    ways = [(call, o) for call in _single_calls(entry.lowered) for o in call.overlaps]
    for call, overlap in ways:
        for more in (0, int(rng.integers(1, 100))):
            plan = _overlapping_plan(graph, call, replace(overlap, lead=overlap.lead + more), unit)
            step = Step(0, entry.op, (replace(call, overlaps=(overlap,)),), op_macs(graph, entry.op))
            compiled = CompiledModel(c_identifier("model"), graph, graph, target, "balanced", (step,), plan)
            got = run_model(compiled, values, machine=machine)
            for want, have in zip(expected, got, strict=True):
                assert_same(want, have, f"{call.kernel}, overlapping {plan.buffers}", atol=1e-4)
    return len(ways)


def _single_calls(lowered: Lowered) -> Iterator[KernelCall]:
    return (way[0] for way in (lowered.calls, *lowered.alternatives) if len(way) == 1)


def _overlapping_plan(graph: Graph, call: KernelCall, overlap: Overlap, unit: int) -> MemoryPlan:
    step = max(unit, *(4 if graph.tensor(i).dtype.label == "float32" else 1 for i in (overlap.target, overlap.source)))
    lead = -(-overlap.lead // step) * step
    base = -(-max(0, -lead) // step) * step
    at = {overlap.target: base, overlap.source: base + lead}
    end = max(offset + graph.tensor(i).nbytes for i, offset in at.items())
    for other in dict.fromkeys(arg.tensor for arg in call.args):
        if other not in at and not graph.tensor(other).is_constant:
            at[other] = end = -(-end // 16) * 16
            end += graph.tensor(other).nbytes
    buffers = [Buffer((i,), graph.tensor(i).name, offset, graph.tensor(i).nbytes, -1, 1) for i, offset in at.items()]
    scratch = Buffer((), "scratch", -(-end // 16) * 16, call.scratch or 0, 0, 0)
    arena = scratch.offset + scratch.size
    return MemoryPlan((*buffers, scratch), arena, arena, {0: scratch}, 1)
