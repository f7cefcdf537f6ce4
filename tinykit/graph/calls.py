"""Which subgraphs of a model are executed: signatures that a converter left in a file are not."""

from __future__ import annotations

from tinykit.graph.options import CallOnceOptions, IfOptions, WhileOptions
from tinykit.graph.types import Graph, Op


def called_by(op: Op) -> tuple[int, ...]:
    """Indices of the subgraphs that an operator calls."""
    options = op.options
    if isinstance(options, IfOptions):
        return options.then_subgraph, options.else_subgraph
    if isinstance(options, WhileOptions):
        return options.condition_subgraph, options.body_subgraph
    return (options.init_subgraph,) if isinstance(options, CallOnceOptions) else ()


def executed(graph: Graph) -> dict[int, Graph]:
    """The main subgraph and those that are called, by themselves or from one another, each once, by index."""
    found = {0: graph}
    waiting = [graph]
    while waiting:
        for index in (i for op in waiting.pop().ops for i in called_by(op)):
            if index in graph.subgraphs and index not in found:
                found[index] = graph.subgraphs[index]
                waiting.append(graph.subgraphs[index])
    return dict(sorted(found.items()))
