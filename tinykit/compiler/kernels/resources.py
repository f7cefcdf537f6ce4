"""VAR_HANDLE, ASSIGN_VARIABLE, READ_VARIABLE: variables that keep their values from run to run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from tinykit.compiler.kernels.base import In, LowerContext, Lowered, Out, Refusal, State, lowers
from tinykit.compiler.kernels.copying import copy_call
from tinykit.graph.options import VarHandleOptions
from tinykit.graph.types import DType, Graph, Op, Tensor

_AGAIN = "convert the model again"
_TYPES = frozenset({DType.FLOAT32, DType.INT8, DType.INT16, DType.INT32, DType.INT64, DType.UINT8, DType.BOOL})


def first_bytes(graphs: Iterable[Graph]) -> dict[str, int]:
    """What every byte of a variable is before it is assigned, by its name: the zero point of the tensor that is given
    to it first, in the order of subgraphs and operators, whatever its type. ``MicroResourceVariables::Allocate`` and
    ``ResetAll`` of TFLite-Micro fill it so. 0 of those that are not here.
    """
    found: dict[str, int] = {}
    for graph in graphs:
        variables = variables_of(graph, {}, {})
        for op in graph.ops:
            value = graph.input(op, 1) if op.kind == "ASSIGN_VARIABLE" else None
            if value is not None and op.inputs[0] in variables:
                point = value.quant.zero_point if value.quant is not None else 0
                found.setdefault(variables[op.inputs[0]].name, point & 0xFF)
    return found


def variables_of(graph: Graph, given: Mapping[int, State], fills: Mapping[str, int]) -> dict[int, State]:
    """The variables that tensors of a subgraph stand for: those of its handles, and ``given`` for its inputs.

    A variable is named by its handle's container and name, the same in all subgraphs. Its size is only known where it
    is used, so that it is 0 here.

    Args:
        fills: of all variables, see ``first_bytes``.
    """
    found = dict(given)
    for op in graph.ops:
        if isinstance(op.options, VarHandleOptions):
            name = f"variable {op.options.container!r} {op.options.shared_name!r}"
            found[op.outputs[0]] = State(name, 0, fill=fills.get(name, 0))
    return found


def _variable(ctx: LowerContext, op: Op, value: Tensor | None) -> tuple[State, Tensor]:
    handle = op.inputs[0] if op.inputs else -1
    if handle not in ctx.resources:
        raise Refusal("its first input is not the handle of a variable", _AGAIN)
    if value is None:
        raise Refusal("its value is missing", _AGAIN)
    if value.dtype not in _TYPES:
        raise Refusal(f"its value is {value.dtype.label}", "use a variable of numbers")
    return replace(ctx.resources[handle], nbytes=value.nbytes), value


@lowers("VAR_HANDLE", takes="variables of any shape; costs no code", refuses={}, types=())
def lower_var_handle(ctx: LowerContext, op: Op) -> Lowered:
    """Nothing: it only names a variable."""
    if not op.outputs or ctx.graph.output(op).dtype is not DType.RESOURCE:
        raise Refusal("its output is not the handle of a variable", _AGAIN)
    return Lowered()


@lowers("ASSIGN_VARIABLE", takes="any shape", refuses={}, types=())
def lower_assign_variable(ctx: LowerContext, op: Op) -> Lowered:
    """A copy into the variable."""
    variable, value = _variable(ctx, op, ctx.graph.input(op, 1))
    return Lowered((copy_call(In(value.id), variable, value.nbytes),))


@lowers(
    "READ_VARIABLE",
    takes="any shape; before it was assigned, every byte is the zero point of what is assigned first",
    refuses={},
    types=(),
)
def lower_read_variable(ctx: LowerContext, op: Op) -> Lowered:
    """A copy of the variable: later assignments do not change what was read."""
    variable, value = _variable(ctx, op, ctx.graph.output(op) if op.outputs else None)
    return Lowered((copy_call(variable, Out(value.id), value.nbytes),))
