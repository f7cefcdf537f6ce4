"""Puts the subgraphs of a model together: where an operator calls one, its operators follow in place.

Loops and branches stay as ``Control`` between them. What is carried around a loop has one place; values that a branch
reads are those of its caller, without a copy. The memory planner sees one sequence: within a loop or a branch nothing
lives shorter than in the order in which it is written down, and what the next turn of a loop reads is kept alive by the
loop's end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tinykit.compiler.kernels.base import (
    Alias,
    Body,
    Control,
    In,
    KernelCall,
    LowerContext,
    Lowered,
    Out,
    Refusal,
    State,
    Target,
)
from tinykit.compiler.kernels.copying import copy_call
from tinykit.compiler.kernels.resources import first_bytes, variables_of
from tinykit.compiler.lower import LoweredOp, Refusals, lower_op
from tinykit.compiler.passes import run_passes
from tinykit.graph.types import DType, Graph, Op, Tensor

_MOST = 500
"""Subgraphs put in place, each as often as it is called: more than any model has. A small file could ask for as many as
it likes, each calling the next twice."""


def lower_graph(graph: Graph, target: Target, where: str) -> tuple[Graph, tuple[LoweredOp, ...]]:
    """Lower all operators in order, those of subgraphs in the place of the operators that call them.

    Args:
        graph: the main subgraph after the passes.

    Returns:
        The graph with the tensors of all that is called, and what its operators become. A graph whose operators call
        none is as it was.

    Raises:
        UnsupportedModel: lists every operator that was refused, with its index, the reason and what to do.
    """
    flat = _Flat(graph, target)
    names = {i: i for i in graph.tensors}
    flat.put(graph, names, variables_of(graph, {}, flat.fills), ())
    flat.refusals.check(where)
    return replace(graph, tensors=flat.tensors), tuple(flat.entries)


@dataclass
class _Flat:
    """What was put together so far."""

    main: Graph
    target: Target

    def __post_init__(self) -> None:
        self.tensors: dict[int, Tensor] = dict(self.main.tensors)
        self.entries: list[LoweredOp] = []
        self.refusals = Refusals()
        self._bodies = 0
        self._variables: dict[tuple[int, int], int] = {}
        self._next_index = 1 + max((op.index for op in self.main.ops), default=0)
        self._graphs = {index: _prepared(index, one) for index, one in self.main.subgraphs.items()}
        self.fills = first_bytes([self.main, *(one for _, one in sorted(self._graphs.items()))])

    def put(
        self, graph: Graph, names: Mapping[int, int], resources: Mapping[int, State], callers: tuple[int, ...]
    ) -> None:
        """Append the operators of a graph.

        Args:
            names: its tensors' numbers here.
            callers: the subgraphs that it is in, the innermost, which is itself, last; none for the main one.
        """
        context = LowerContext(graph, self.target, subgraphs=self._graphs, resources=resources)
        for op in graph.ops:
            try:
                lowered = lower_op(context, op)
                here = self._here(op, names) if callers else op
                if lowered.flow:
                    self._flow(here, lowered, names, context, callers)
                else:
                    self.entries.append(LoweredOp(here, lowered.renamed(names)))
            except Refusal as refusal:
                self.refusals.add(op, refusal)

    def _here(self, op: Op, names: Mapping[int, int]) -> Op:
        self._next_index += 1
        return replace(_renamed(op, names), index=self._next_index - 1, place=op.index)

    def _flow(
        self, op: Op, lowered: Lowered, names: Mapping[int, int], context: LowerContext, callers: tuple[int, ...]
    ) -> None:
        result: int | None = None
        for part in lowered.flow:
            if isinstance(part, Body):
                result = self._body(op, part, names, context, callers)
            elif isinstance(part, KernelCall):
                self.entries.append(LoweredOp(op, Lowered((part.renamed(names),))))
            else:
                self.entries.append(LoweredOp(op, Lowered(control=_control(part, names, result))))

    def _body(
        self, op: Op, body: Body, names: Mapping[int, int], context: LowerContext, callers: tuple[int, ...]
    ) -> int | None:
        """A subgraph in place. Returns where its first result is, if it is not given a place."""
        if body.subgraph in callers:
            raise Refusal(f"the subgraph {body.subgraph} calls itself", "convert the model without recursion")
        self._bodies += 1
        if self._bodies > _MOST:
            raise Refusal(f"more than {_MOST} subgraphs are called, one in another", "make a model with fewer of them")
        graph = self._graphs[body.subgraph]
        resources = {
            own: context.resources[given]
            for own, given in zip(graph.inputs, body.inputs, strict=True)
            if given in context.resources
        }
        if any(graph.tensor(i).is_variable for i in graph.outputs):
            raise Refusal(f"a result of the subgraph {body.subgraph} is a variable", "let an operator make the result")
        inside = self._names(body.subgraph, graph)
        for own, given in zip(graph.inputs, body.inputs, strict=True):
            inside[own] = self._given(op, names[given])
        start = len(self.entries)
        self.put(graph, inside, variables_of(graph, resources, self.fills), (*callers, body.subgraph))
        results = [inside[i] for i in graph.outputs]
        if body.outputs is None:
            return results[0]
        targets = tuple(names[i] for i in body.outputs)
        if not body.writes_late:
            results = self._write_directly(start, results, targets)
        self._copy_results(op, results, targets)
        return None

    def _write_directly(self, start: int, results: list[int], targets: tuple[int, ...]) -> list[int]:
        """Let the operators from ``start`` on write their results where the caller wants them. Only results that are
        wanted once and of which none is another's memory, or has it: a branch must not write over a value that it
        shares with others."""
        new = self.entries[start:]
        written = {arg.tensor for e in new for call in e.lowered.calls for arg in call.args if isinstance(arg, Out)}
        aliases = {i for e in new if e.lowered.alias for i in (e.lowered.alias.source, e.lowered.alias.target)}
        direct = {
            result: target
            for result, target in zip(results, targets, strict=True)
            if result in written - aliases and results.count(result) == 1
        }
        self.entries[start:] = [LoweredOp(_renamed(e.op, direct), e.lowered.renamed(direct)) for e in new]
        return [direct.get(result, result) for result in results]

    def _names(self, index: int, graph: Graph) -> dict[int, int]:
        """New numbers for all tensors of a subgraph; its variables are the same wherever it is called."""
        names = {}
        for i, tensor in graph.tensors.items():
            if tensor.is_variable and (index, i) not in self._variables:
                self._variables[index, i] = self._add(tensor)
            names[i] = self._variables[index, i] if tensor.is_variable else self._add(tensor)
        return names

    def _add(self, tensor: Tensor) -> int:
        number = 1 + max(self.tensors, default=-1)
        self.tensors[number] = replace(tensor, id=number)
        return number

    def _given(self, op: Op, tensor: int) -> int:
        """What a subgraph reads as its input: constants are copied, as its operators expect values."""
        value = self.tensors[tensor]
        return self._copied(op, tensor) if value.is_constant and value.dtype is not DType.RESOURCE else tensor

    def _copied(self, op: Op, tensor: int) -> int:
        """A copy of a tensor's value, made here."""
        value = self.tensors[tensor]
        copy = self._add(replace(value, data=None, name=f"copy of {value.name}"))
        self._copy(op, tensor, copy)
        return copy

    def _copy(self, op: Op, source: int, target: int) -> None:
        call = copy_call(In(source), Out(target), self.tensors[target].nbytes)
        self.entries.append(LoweredOp(op, Lowered((call,))))

    def _copy_results(self, op: Op, results: list[int], targets: tuple[int, ...]) -> None:
        """All results into their places. One that lies in the place of another's is taken out of the way first."""
        roots = self._roots()
        for number, (result, target) in enumerate(zip(results, targets, strict=True)):
            others = [t for t in targets if t != target]
            if roots.get(result, result) in others:
                results[number] = self._copied(op, result)
        for result, target in zip(results, targets, strict=True):
            if roots.get(result, result) != target and self.tensors[target].dtype is not DType.RESOURCE:
                self._copy(op, result, target)

    def _roots(self) -> dict[int, int]:
        """Each tensor that is another's memory under another shape -> that one."""
        roots: dict[int, int] = {}
        for entry in self.entries:
            if isinstance(entry.lowered.alias, Alias):
                source = entry.lowered.alias.source
                roots[entry.lowered.alias.target] = roots.get(source, source)
        return roots


def _prepared(index: int, graph: Graph) -> Graph:
    prepared = run_passes(graph)
    return replace(prepared, ops=tuple(replace(op, subgraph=index) for op in prepared.ops))


def _renamed(op: Op, names: Mapping[int, int]) -> Op:
    return replace(
        op,
        inputs=tuple(names.get(i, i) for i in op.inputs),
        outputs=tuple(names.get(i, i) for i in op.outputs),
    )


def _control(control: Control, names: Mapping[int, int], result: int | None) -> Control:
    if control.kind == "leave unless":
        assert result is not None, "a loop's condition is a subgraph's result"
        return replace(control, condition=In(result))
    return control.renamed(names)
