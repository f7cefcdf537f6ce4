"""IF, WHILE, CALL_ONCE: operators that call subgraphs.

Semantics are those of TFLite-Micro's if.cc, while.cc and call_once.cc. Its kernels copy what they give to a subgraph
and take from it; here only what is carried around a loop is copied.
"""

from __future__ import annotations

from collections.abc import Sequence

from tinykit.compiler.kernels.base import Body, Control, In, LowerContext, Lowered, Out, Refusal, State, lowers
from tinykit.compiler.kernels.copying import copy_call
from tinykit.graph.options import CallOnceOptions, IfOptions, WhileOptions
from tinykit.graph.types import DType, Graph, Op, Tensor

_AGAIN = "convert the model again"
_ALIKE = "give the operator and its subgraphs the same values, of the same types and fixed shapes"
_REFUSES = {"values of another number, type or shape than a subgraph's": _ALIKE}


@lowers("IF", takes="one bool as condition; values of any type", refuses=_REFUSES, types=())
def lower_if(ctx: LowerContext, op: Op) -> Lowered:
    """The two branches, of which one is executed."""
    assert isinstance(op.options, IfOptions)
    given = op.inputs[1:]
    condition = ctx.graph.input(op, 0)
    _check_condition(condition)
    for index in (op.options.then_subgraph, op.options.else_subgraph):
        branch = _called(ctx, index)
        _check_values(ctx, "input", given, branch, branch.inputs)
        _check_values(ctx, "output", op.outputs, branch, branch.outputs)
    return Lowered(
        flow=(
            Control("if", In(op.inputs[0])),
            Body(op.options.then_subgraph, given, op.outputs),
            Control("else"),
            Body(op.options.else_subgraph, given, op.outputs),
            Control("end", alive=tuple(i for i in op.outputs if ctx.graph.tensor(i).dtype is not DType.RESOURCE)),
        )
    )


@lowers("WHILE", takes="one bool as condition; values of any type", refuses=_REFUSES, types=())
def lower_while(ctx: LowerContext, op: Op) -> Lowered:
    """A loop over the operator's outputs, which begin as its inputs."""
    assert isinstance(op.options, WhileOptions)
    condition, body = (_called(ctx, i) for i in (op.options.condition_subgraph, op.options.body_subgraph))
    _check_values(ctx, "input", op.inputs, condition, condition.inputs)
    _check_values(ctx, "input", op.inputs, body, body.inputs)
    _check_values(ctx, "output", op.outputs, body, body.outputs)
    if len(condition.outputs) != 1:
        raise Refusal(f"its condition has {len(condition.outputs)} results", _AGAIN)
    _check_condition(condition.tensor(condition.outputs[0]))
    values = [
        (before, after)
        for before, after in zip(op.inputs, op.outputs, strict=True)
        if ctx.graph.tensor(after).dtype is not DType.RESOURCE
    ]
    carried = tuple(
        before if ctx.graph.tensor(after).dtype is DType.RESOURCE else after
        for before, after in zip(op.inputs, op.outputs, strict=True)
    )
    return Lowered(
        flow=(
            *(copy_call(In(b), Out(a), ctx.graph.tensor(a).nbytes) for b, a in values),
            Control("loop"),
            Body(op.options.condition_subgraph, carried, None),
            Control("leave unless"),
            Body(op.options.body_subgraph, carried, op.outputs, writes_late=True),
            Control("end", alive=tuple(after for _, after in values)),
        )
    )


@lowers("CALL_ONCE", takes="a subgraph without inputs and outputs, executed in the first run", refuses={}, types=())
def lower_call_once(ctx: LowerContext, op: Op) -> Lowered:
    """The subgraph, behind a flag."""
    assert isinstance(op.options, CallOnceOptions)
    called = _called(ctx, op.options.init_subgraph)
    if called.inputs or called.outputs:
        raise Refusal("the subgraph that it calls has inputs or outputs", _AGAIN)
    return Lowered(
        flow=(
            Control("once", State(f"once {op.subgraph}:{op.index}", 1)),
            Body(op.options.init_subgraph, (), ()),
            Control("end"),
        )
    )


def _called(ctx: LowerContext, index: int) -> Graph:
    if index not in ctx.subgraphs:
        raise Refusal(f"it calls the subgraph {index}, which there is not", _AGAIN)
    return ctx.subgraphs[index]


def _check_condition(condition: Tensor | None) -> None:
    if condition is None or condition.dtype is not DType.BOOL or condition.size != 1:
        raise Refusal("its condition is not a single bool", _AGAIN)


def _check_values(ctx: LowerContext, what: str, ids: Sequence[int], called: Graph, its: Sequence[int]) -> None:
    """Raises: Refusal: values that a subgraph is given, or gives, are not of its types and sizes."""
    if len(ids) != len(its):
        raise Refusal(f"it has {len(ids)} {what} values for a subgraph's {len(its)}", _ALIKE)
    for own, other in zip(ids, its, strict=True):
        one, another = ctx.graph.tensor(own) if own >= 0 else None, called.tensor(other)
        if one is not None and one.dtype.c is None and one.dtype is not DType.RESOURCE:
            raise Refusal(f"its {what} {one.name!r} is {one.dtype.label}", "use values of numbers")
        if one is None or one.dtype is not another.dtype or one.shape != another.shape:
            raise Refusal(
                f"its {what} {one.name if one else ''!r} and the subgraph's {another.name!r} differ in type or shape",
                _ALIKE,
            )
