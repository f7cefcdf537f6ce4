"""What compiling a graph gives: steps with their kernels, and where every value lives in the arena."""

from __future__ import annotations

from dataclasses import dataclass

from tinykit.compiler.choice import Optimize
from tinykit.compiler.kernels.base import In, KernelCall, Target
from tinykit.compiler.plan import MemoryPlan
from tinykit.graph.types import Graph, Op


@dataclass(frozen=True)
class Step:
    """One layer of the generated ``run`` function: an operator and the kernel calls that do it.

    ``layer`` counts from 0 over operators that have code; it is the number the profiler reports.
    """

    layer: int
    op: Op
    calls: tuple[KernelCall, ...]
    macs: int

    @property
    def label(self) -> str:
        """Kind and index in the model file, for reports: "CONV_2D 3"."""
        return f"{self.op.kind} {self.op.index}"

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
class CompiledModel:
    """A graph compiled for a target, ready to be written as C.

    ``name`` is the C identifier that prefixes the generated API, ``optimize`` what the kernels were chosen for.
    """

    name: str
    source: Graph
    graph: Graph
    target: Target
    optimize: Optimize
    steps: tuple[Step, ...]
    plan: MemoryPlan

    @property
    def kernels(self) -> tuple[str, ...]:
        """Stems of the kernel files the model needs, sorted."""
        return tuple(sorted({call.kernel for step in self.steps for call in step.calls}))

    @property
    def macs(self) -> int:
        return sum(step.macs for step in self.steps)

    def constant_bytes(self) -> dict[str, int]:
        """Bytes of constants in flash by role: "weights" and "tables" (see ConstArray)."""
        total = {"weights": 0, "tables": 0}
        for step in self.steps:
            for call in step.calls:
                for _, array in call.arrays():
                    total[array.role] += array.nbytes
        total["weights"] += sum(self.graph.tensor(i).nbytes for i in self.constant_tensors())
        return total

    def constant_tensors(self) -> tuple[int, ...]:
        """Ids of constant tensors that kernels read in their original layout, in order of first use."""
        ids: dict[int, None] = {}
        for step in self.steps:
            for call in step.calls:
                for arg in call.args:
                    if isinstance(arg, In) and self.graph.tensor(arg.tensor).is_constant:
                        ids[arg.tensor] = None
        for i in self.graph.outputs:
            if self.graph.tensor(i).is_constant:
                ids[i] = None
        return tuple(ids)
