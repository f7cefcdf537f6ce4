"""What compiling a graph gives: steps with their kernels, and where every value lives in the arena."""

from __future__ import annotations

from dataclasses import dataclass

from tinykit.compiler.choice import Optimize
from tinykit.compiler.kernels.base import Control, In, KernelCall, Target
from tinykit.compiler.patches import PatchedStage
from tinykit.compiler.plan import Buffer, MemoryPlan
from tinykit.graph.types import Graph, Op


@dataclass(frozen=True)
class Step:
    """What the generated ``run`` function does at a time: an operator, or one patch of it, and its kernel calls.

    ``layer`` counts from 0 over operators that have code; it is the number the profiler reports. ``patch`` counts from
    0, too; None without patches. Where a loop or a branch begins or ends, there is ``control`` instead of a layer.
    """

    layer: int | None
    op: Op
    calls: tuple[KernelCall, ...]
    macs: int
    patch: int | None = None
    control: Control | None = None

    @property
    def label(self) -> str:
        """Kind and index in the model file, for reports: "CONV_2D 3"."""
        return self.op.label

    @property
    def instructions(self) -> int | None:
        """On the target, modelled; None where a kernel has no model of them."""
        counts = [call.instructions for call in self.calls]
        return None if None in counts else sum(count or 0 for count in counts)

    @property
    def kernel(self) -> str:
        return self.calls[0].kernel

    @property
    def variant(self) -> str:
        return self.calls[0].variant


@dataclass(frozen=True)
class Layer:
    """What the profiler times as one: an operator with all of its patches, or without any."""

    steps: tuple[Step, ...]

    @property
    def number(self) -> int:
        number = self.steps[0].layer
        assert number is not None, "a layer is made of steps that have its number"
        return number

    @property
    def op(self) -> Op:
        """Of the first patch: it has the kind, index and constants of all."""
        return self.steps[0].op

    @property
    def label(self) -> str:
        """As of the steps."""
        return self.steps[0].label

    @property
    def kernel(self) -> str:
        return self.steps[0].kernel

    @property
    def variant(self) -> str:
        return self.steps[0].variant

    @property
    def macs(self) -> int:
        """Those that patches do again included."""
        return sum(step.macs for step in self.steps)

    @property
    def instructions(self) -> int | None:
        """On the target, modelled; None where a kernel has no model of them."""
        counts = [step.instructions for step in self.steps]
        return None if None in counts else sum(count or 0 for count in counts)

    @property
    def calls(self) -> tuple[KernelCall, ...]:
        return tuple(call for step in self.steps for call in step.calls)

    @property
    def constant_bytes(self) -> int:
        """Bytes of packed weights and tables, each array once."""
        return sum({a.content: a.nbytes for call in self.calls for _, a in call.arrays()}.values())


@dataclass(frozen=True)
class CompiledModel:
    """A graph compiled for a target, ready to be written as C.

    ``name`` is the C identifier that prefixes the generated API, ``optimize`` what the kernels were chosen for,
    ``patched`` the stage that is computed in patches, if there is one.
    """

    name: str
    source: Graph
    graph: Graph
    target: Target
    optimize: Optimize
    steps: tuple[Step, ...]
    plan: MemoryPlan
    patched: PatchedStage | None = None

    @property
    def layers(self) -> tuple[Layer, ...]:
        """What the profiler times, in the order of its numbers."""
        numbers = sorted({step.layer for step in self.steps if step.layer is not None})
        return tuple(Layer(tuple(s for s in self.steps if s.layer == number)) for number in numbers)

    def layers_of(self, buffer: Buffer) -> tuple[int, int]:
        """Between which layers a buffer's contents matter: -1 is before the first, their number after the last.

        Layers of a stage in patches alternate: what is kept from one patch to another is there during all of them.
        """
        patches = [step.layer for step in self.steps if step.layer is not None and step.patch is not None]

        def layer(number: int, outermost: int) -> int:
            if number < 0:
                return -1
            # The end of a loop is the layer after it.
            step = next((step for step in self.steps[number:] if step.layer is not None), None)
            if step is None or step.layer is None:
                return len(self.layers)
            return step.layer if step.patch is None or in_one_patch else outermost

        ends = [self.steps[n].patch if 0 <= n < len(self.steps) else None for n in (buffer.first, buffer.last)]
        in_one_patch = ends[0] == ends[1] or not patches
        return layer(buffer.first, min(patches, default=0)), layer(buffer.last, max(patches, default=0))

    @property
    def kernels(self) -> tuple[str, ...]:
        """Stems of the kernel files the model needs, sorted."""
        return tuple(sorted({call.kernel for step in self.steps for call in step.calls}))

    @property
    def macs(self) -> int:
        """Of one inference, those that patches do again included."""
        return sum(step.macs for step in self.steps)

    def constant_bytes(self) -> dict[str, int]:
        """Bytes of constants in flash by role: "weights" and "tables" (see ConstArray); equal arrays are there once."""
        total = {"weights": 0, "tables": 0}
        arrays = [array for step in self.steps for call in step.calls for _, array in call.arrays()]
        arrays += [one.initial for one in self.plan.kept if one.initial is not None]
        for array in {array.content: array for array in arrays}.values():
            total[array.role] += array.nbytes
        total["weights"] += sum(self.graph.tensor(i).nbytes for i in self.constant_tensors())
        return total

    def constant_tensors(self) -> tuple[int, ...]:
        """Ids of constant tensors that kernels read in their original layout, in order of first use."""
        ids: dict[int, None] = {}
        for step in self.steps:
            read = [arg for call in step.calls for arg in call.args]
            read += [step.control.condition] if step.control and step.control.condition else []
            for arg in read:
                if isinstance(arg, In) and self.graph.tensor(arg.tensor).is_constant:
                    ids[arg.tensor] = None
        for i in self.graph.outputs:
            if self.graph.tensor(i).is_constant:
                ids[i] = None
        return tuple(ids)
