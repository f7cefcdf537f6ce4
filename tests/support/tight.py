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
from tinykit.compiler.kernels.base import KernelCall, Lowered
from tinykit.compiler.lower import lower_graph
from tinykit.compiler.model import Step
from tinykit.compiler.names import c_identifier
from tinykit.compiler.plan import Buffer, MemoryPlan
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
    (entry,) = lower_graph(graph, target, "model")
    count = 0
    for call, plan in _overlapping_plans(graph, entry.lowered, unit, rng):
        step = Step(0, entry.op, (call,), op_macs(graph, entry.op))
        compiled = CompiledModel(c_identifier("model"), graph, graph, target, "balanced", (step,), plan)
        got = run_model(compiled, values, machine=machine)
        for want, have in zip(expected, got, strict=True):
            assert_same(want, have, f"{call.kernel}, overlapping {plan.buffers}", atol=1e-4)
        count += 1
    return count


def _overlapping_plans(
    graph: Graph, lowered: Lowered, unit: int, rng: np.random.Generator
) -> Iterator[tuple[KernelCall, MemoryPlan]]:
    for call in (way[0] for way in (lowered.calls, *lowered.alternatives) if len(way) == 1):
        for overlap, more in ((o, m) for o in call.overlaps for m in (0, int(rng.integers(1, 100)))):
            step = max(unit, 4 if graph.tensor(overlap.target).dtype.label == "float32" else 1)
            step = max(step, 4 if graph.tensor(overlap.source).dtype.label == "float32" else 1)
            lead = -(-(overlap.lead + more) // step) * step
            base = max(0, -lead)
            base = -(-base // step) * step
            at = {overlap.target: base, overlap.source: base + lead}
            end = max(offset + graph.tensor(i).nbytes for i, offset in at.items())
            for other in dict.fromkeys(arg.tensor for arg in call.args):
                if other not in at and not graph.tensor(other).is_constant:
                    at[other] = end = -(-end // 16) * 16
                    end += graph.tensor(other).nbytes
            buffers = [
                Buffer((i,), graph.tensor(i).name, offset, graph.tensor(i).nbytes, -1, 1) for i, offset in at.items()
            ]
            scratch = Buffer((), "scratch", -(-end // 16) * 16, call.scratch or 0, 0, 0)
            arena = scratch.offset + scratch.size
            yield (
                replace(call, overlaps=(overlap,)),
                MemoryPlan((*buffers, scratch), arena, arena, {0: scratch}, 1),
            )
