"""CIRCULAR_BUFFER: the last inputs in a row."""

from __future__ import annotations

from tinykit.compiler.kernels.base import (
    Arg,
    Control,
    In,
    KernelCall,
    LowerContext,
    Lowered,
    Out,
    State,
    Variable,
    lowers,
    same_types,
)
from tinykit.compiler.kernels.checks import require
from tinykit.compiler.kernels.signal.options import AGAIN, integers
from tinykit.graph.types import DType, Graph, Op, Tensor

_KIND = "CIRCULAR_BUFFER"


@lowers(
    _KIND,
    types=same_types(DType.INT8),
    takes="one image of one row; with an output that says whether a period of inputs is complete, or without it: then "
    "a run that does not complete one ends here, as TFLite-Micro's does",
    refuses={"batches": "use a batch of 1"},
)
def lower(ctx: LowerContext, op: Op) -> Lowered:
    require(
        len(op.inputs) in (1, 2) and min(op.inputs) >= 0 and len(op.outputs) in (1, 2),
        f"it has {len(op.inputs)} inputs and {len(op.outputs)} outputs",
        AGAIN,
    )
    source, target = ctx.graph.tensor(op.inputs[0]), ctx.graph.output(op)
    _require_shapes(source, target)
    period = _period(ctx.graph, op)
    kept = target.size - source.size
    # The second input comes from passes/keep_variables.py. Without it TFLite-Micro's buffer begins with anything.
    state: Arg = State(f"buffer {op.label}", max(1, kept))
    if len(op.inputs) == 2:
        variable = ctx.graph.tensor(op.inputs[1])
        require(variable.is_variable and variable.shape == target.shape, "it has two inputs", AGAIN)
        state = Variable(variable.id)
    params = {"kept": kept, "newest": source.size}
    buffer = KernelCall("tk_circular_buffer", params, (In(source.id), Out(target.id), state))
    if len(op.outputs) == 1:
        if period == 1:
            return Lowered((buffer,))
        complete = State(f"complete {op.label}", 1)
        every = KernelCall("tk_every_nth", {"n": period}, (complete, State(f"period {op.label}", 4)))
        return Lowered(flow=(buffer, every, Control("stop unless", complete)))
    valid = ctx.graph.output(op, 1)
    require(
        valid.dtype is DType.BOOL and valid.size == 1,
        f"what says whether its output is valid is {valid.dtype.label} {list(valid.shape)} instead of one bool",
        AGAIN,
    )
    every = KernelCall("tk_every_nth", {"n": period}, (Out(valid.id), State(f"period {op.label}", 4)))
    return Lowered((buffer, every))


def _require_shapes(source: Tensor, target: Tensor) -> None:
    shapes = f"its input is {list(source.shape)} and its output {list(target.shape)}"
    require(len(source.shape) == len(target.shape) == 4, shapes, AGAIN)
    require(
        source.shape[1] == 1 and source.shape[2:] == target.shape[2:] and source.shape[0] == target.shape[0] == 1,
        shapes,
        "use one image of one row, and an output of the same width and channels",
    )


def _period(graph: Graph, op: Op) -> int:
    """After how many inputs the rest of the graph has something new to work on.

    Options without it (0) come from the first models with this operator; TFLite-Micro then tells it from shapes and
    from how many of them there were before.
    """
    before = 0
    for one in sorted(graph.ops, key=lambda each: each.index):
        if one.kind != _KIND:
            continue
        given = integers(one, "cycles_max")[0] if one.custom_options is not None and one.custom_options.size else 0
        if given > 0:
            found = given
        else:
            shape = graph.output(one).shape
            before += 1
            last = len(shape) == 4 and (shape[1] in (5, 13, 25) or (before == 5 and shape[2:] == (2, 96)))
            found = 1 if last else 2
            before = 0 if last else before
        if one.index == op.index:
            return found
    raise AssertionError("the operator is one of its graph's")
