"""The arena of models in patches: whoever reads a byte finds what was written for it."""

from __future__ import annotations

import numpy as np
import pytest

from compiler.patches.stage_models import chain, most_patches, stage_network
from support.native import compile_bytes
from support.seeds import many
from support.slow import rest_slow
from tinykit.compiler import CompiledModel, Target
from tinykit.compiler.kernels.base import In, KernelCall, Out

TARGETS = (
    Target(),
    Target("cortex-m4", frozenset({"dsp", "fpu"})),
    Target("cortex-m55", frozenset({"dsp", "fpu", "mve"})),
    Target("cortex-m0"),
    Target("rv32imc"),
)


class Shadow:
    """For each byte of the arena of which value's which byte it is."""

    def __init__(self, compiled: CompiledModel) -> None:
        self.compiled = compiled
        self.owner = np.full(compiled.plan.arena_bytes, -1, np.int64)
        self.value = np.full(compiled.plan.arena_bytes, -1, np.int64)
        self.views = compiled.plan.strips.views

    def place(self, tensor: int) -> tuple[slice, int, np.ndarray]:
        start, size = self.compiled.plan.offset_of(tensor), self.compiled.graph.tensor(tensor).nbytes
        view = self.views.get(tensor)
        base, offset = (tensor, 0) if view is None else (view.base, view.offset)
        return slice(start, start + size), base, np.arange(offset, offset + size)

    def write(self, tensor: int) -> None:
        where, owner, values = self.place(tensor)
        self.owner[where], self.value[where] = owner, values

    def check(self, tensor: int) -> None:
        where, owner, values = self.place(tensor)
        assert (self.owner[where] == owner).all()
        assert (self.value[where] == values).all()

    def waste(self, start: int, size: int) -> None:
        self.owner[start : start + size] = -1


def check_overlaps(compiled: CompiledModel, call: KernelCall) -> None:
    """An output lies over an input only as the kernel allows."""
    plan, graph = compiled.plan, compiled.graph
    leads = {(o.source, o.target): o.lead for o in call.overlaps}
    for source in (a.tensor for a in call.args if isinstance(a, In) and not graph.tensor(a.tensor).is_constant):
        for target in (a.tensor for a in call.args if isinstance(a, Out)):
            a, b = plan.offset_of(source), plan.offset_of(target)
            if a < b + graph.tensor(target).nbytes and b < a + graph.tensor(source).nbytes:
                in_place = a == b and (source, target) in call.in_place
                assert in_place or b + leads[source, target] <= a


def check_plan(compiled: CompiledModel) -> None:
    shadow, plan, graph = Shadow(compiled), compiled.plan, compiled.graph
    for i in graph.inputs:
        shadow.write(i)
    # A reshape's result is in the same bytes as what it was made from.
    reshaped = {op.outputs[0]: op.inputs[0] for op in graph.ops if op.kind == "RESHAPE"}
    for number, step in enumerate(compiled.steps):
        for call in step.calls:
            for arg in call.args:
                if isinstance(arg, In) and not graph.tensor(arg.tensor).is_constant:
                    shadow.check(reshaped.get(arg.tensor, arg.tensor))
            if len(step.calls) == 1:
                check_overlaps(compiled, call)
        if number in plan.scratch:
            start, size = plan.scratch[number].offset, max(call.scratch or 0 for call in step.calls)
            used = [a.tensor for c in step.calls for a in c.args if not graph.tensor(a.tensor).is_constant]
            for i in used:
                at, nbytes = plan.offset_of(i), graph.tensor(i).nbytes
                assert at + nbytes <= start or start + size <= at
            shadow.waste(start, size)
        for call in step.calls:
            for arg in call.args:
                if isinstance(arg, Out):
                    shadow.write(arg.tensor)
    for i in graph.outputs:
        shadow.check(reshaped.get(i, i))
    assert plan.lower_bound <= plan.arena_bytes


def check_network(seed: int) -> None:
    rng = np.random.default_rng(seed)
    tflite = stage_network(rng, "int8").build()
    target = TARGETS[seed % len(TARGETS)]
    check_plan(compile_bytes(tflite, target, patches=int(rng.integers(2, min(9, most_patches(tflite)) + 1))))


@pytest.mark.parametrize("seed", rest_slow(range(10), 2))
def test_nothing_is_overwritten_that_is_read_later(seed: int) -> None:
    check_network(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", many(10, 100))
def test_nothing_is_overwritten_in_many_networks(seed: int) -> None:
    check_network(seed)


@pytest.mark.parametrize("target", rest_slow(TARGETS), ids=lambda t: t.core)
def test_auto_needs_less_memory(target: Target) -> None:
    tflite = chain(np.random.default_rng(1), height=32).build()
    whole, compiled = compile_bytes(tflite, target), compile_bytes(tflite, target, patches="auto")
    check_plan(compiled)
    patched = compiled.patched
    assert patched is not None
    assert patched.arena == compiled.plan.arena_bytes < 0.7 * whole.plan.arena_bytes
    assert patched.arena_whole == whole.plan.arena_bytes
    assert (patched.macs, patched.macs_whole) == (compiled.macs, whole.macs)
    assert patched.more_macs_percent == pytest.approx(100 * (compiled.macs / whole.macs - 1), abs=0.01)


@pytest.mark.slow
def test_two_compilations_are_the_same() -> None:
    tflite = chain(np.random.default_rng(1), height=32).build()
    one, other = (compile_bytes(tflite, TARGETS[1], patches="auto") for _ in range(2))
    assert one.plan == other.plan
    assert one.patched == other.patched
