"""Compiles a graph for a target."""

from __future__ import annotations

from tinykit.compiler.choice import Optimize, choose
from tinykit.compiler.kernels.base import Target
from tinykit.compiler.lower import lower_graph
from tinykit.compiler.model import CompiledModel, Step
from tinykit.compiler.names import c_identifier
from tinykit.compiler.passes import run_passes
from tinykit.compiler.plan import plan_memory
from tinykit.compiler.schedule import schedule
from tinykit.errors import DoesNotFit, UnsupportedModel
from tinykit.graph.macs import op_macs
from tinykit.graph.types import Graph

MAX_ARENA_BYTES = 1 << 31
"""Half of a 32-bit address space: the other half holds code, constants and peripherals."""


def compile_graph(
    graph: Graph, target: Target | None = None, *, optimize: Optimize = "balanced", where: str | None = None
) -> CompiledModel:
    """Choose kernels and plan memory for a graph. Nothing is written.

    Args:
        graph: as read from a file.
        target: what the kernels may use; None is portable C.
        optimize: what kernels are chosen for.
        where: names the model in messages; its name by default.

    Raises:
        UnsupportedModel: an operator, type or parameter cannot be compiled; lists all of them.
        DoesNotFit: it needs more memory than any target can address.
    """
    target = target or Target()
    where = where or graph.name
    if graph.subgraph_count > 1 and any(op.kind in ("IF", "WHILE", "CALL_ONCE", "CALL") for op in graph.ops):
        raise UnsupportedModel(
            "control flow is not supported",
            where=where,
            why=f"the model has {graph.subgraph_count} subgraphs that call each other",
            hint="convert the inference part alone, without loops or variables",
        )
    _check_ports(graph, where)
    optimised = run_passes(graph)
    lowered = lower_graph(optimised, target, where)
    chosen = choose([entry.lowered for entry in lowered], optimize)
    plan = plan_memory(optimised, chosen)
    order = schedule(optimised, chosen)
    if order != sorted(order):
        other = [chosen[i] for i in order]
        lower = plan_memory(optimised, other)
        if lower.arena_bytes < plan.arena_bytes:
            plan, chosen, lowered = lower, other, tuple(lowered[i] for i in order)
    if plan.arena_bytes > MAX_ARENA_BYTES:
        raise DoesNotFit(
            f"{where} needs {plan.arena_bytes} bytes of working memory",
            why=f"addresses of a microcontroller end at {MAX_ARENA_BYTES} bytes at the latest",
            hint="make the model smaller",
        )
    with_code = [(entry.op, way.calls) for entry, way in zip(lowered, chosen, strict=True) if way.calls]
    steps = tuple(Step(layer, op, calls, op_macs(optimised, op)) for layer, (op, calls) in enumerate(with_code))
    return CompiledModel(c_identifier(graph.name), graph, optimised, target, optimize, steps, plan)


def _check_ports(graph: Graph, where: str) -> None:
    for role, ids in (("input", graph.inputs), ("output", graph.outputs)):
        for tensor in (graph.tensor(i) for i in ids):
            if tensor.dtype.c is None:
                raise UnsupportedModel(
                    f"the {role} {tensor.name!r} has a type that C99 does not have",
                    where=where,
                    why=f"it is {tensor.dtype.label}",
                    hint="convert the model again with int8 or float32 inputs and outputs",
                )
