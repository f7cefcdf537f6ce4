"""Compiles a graph for a target."""

from __future__ import annotations

from tinykit.compiler.choice import Optimize
from tinykit.compiler.kernels.base import Target
from tinykit.compiler.model import CompiledModel, Step
from tinykit.compiler.names import c_identifier
from tinykit.compiler.passes import run_passes
from tinykit.compiler.patches import Layout, Patches, check_patches, lay_out, patched_layout
from tinykit.compiler.subgraphs import lower_graph
from tinykit.errors import DoesNotFit, UnsupportedModel
from tinykit.graph.macs import op_macs
from tinykit.graph.types import Graph

MAX_ARENA_BYTES = 1 << 31
"""Half of a 32-bit address space: the other half holds code, constants and peripherals."""


def compile_graph(
    graph: Graph,
    target: Target | None = None,
    *,
    optimize: Optimize = "balanced",
    patches: Patches = "off",
    where: str | None = None,
) -> CompiledModel:
    """Choose kernels and plan memory for a graph. Nothing is written.

    Args:
        graph: as read from a file.
        target: what the kernels may use; None is portable C.
        optimize: what kernels are chosen for.
        patches: compute a stage of the network in so many patches, or, with "auto", in those with which the arena is
            smallest.
        where: names the model in messages; its name by default.

    Raises:
        UnsupportedModel: an operator, type or parameter cannot be compiled; lists all of them.
        DoesNotFit: it needs more memory than any target can address.
        InputError: no stage can be computed in so many patches.
    """
    check_patches(patches)
    target = target or Target()
    where = where or graph.name
    _check_ports(graph, where)
    optimised = run_passes(graph)
    _check_variables(optimised, where)
    together, lowered = lower_graph(optimised, target, where)
    whole = lay_out(together, lowered, optimize)
    layout, patched = patched_layout(whole, target, optimize, patches, where)
    plan = layout.plan
    if plan.arena_bytes > MAX_ARENA_BYTES:
        raise DoesNotFit(
            f"{where} needs {plan.arena_bytes} bytes of working memory",
            why=f"addresses of a microcontroller end at {MAX_ARENA_BYTES} bytes at the latest",
            hint="make the model smaller",
        )
    steps = _steps(layout)
    return CompiledModel(c_identifier(graph.name), graph, layout.graph, target, optimize, steps, plan, patched)


def _steps(layout: Layout) -> tuple[Step, ...]:
    """What has code. The patches of one operator are one layer."""
    layers: dict[int, int] = {}
    steps = []
    for op, entry, patch in zip(layout.ops, layout.lowered, layout.patch_of, strict=True):
        if entry.control is not None:
            steps.append(Step(None, op, (), 0, control=entry.control))
        elif entry.calls:
            layer = layers.setdefault(op.index, len(layers))
            steps.append(Step(layer, op, entry.calls, op_macs(layout.graph, op), patch))
    return tuple(steps)


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


def _check_variables(graph: Graph, where: str) -> None:
    """After the passes: they make a value of each run of what CIRCULAR_BUFFER keeps."""
    for tensor in (graph.tensor(i) for i in (*graph.inputs, *graph.outputs)):
        if tensor.is_variable:
            raise UnsupportedModel(
                f"the {'input' if tensor.id in graph.inputs else 'output'} {tensor.name!r} is a variable",
                where=where,
                why="what operators keep from run to run has a place of its own, and is no value of a run",
                hint="leave it out, or let an operator make the output",
            )
