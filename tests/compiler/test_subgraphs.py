"""Subgraphs put in place, and what is kept from run to run; results are proven by random models in tests/proof."""

from __future__ import annotations

import numpy as np
import pytest
from flatbuffers.flexbuffers import Dumps

from support.check import check_op
from support.native import compile_bytes, run_compiled
from support.tflite_builder import ModelBuilder
from tinykit.compiler.emit import render_model
from tinykit.errors import InputError, ModelError, UnsupportedModel

Q = {"scale": 0.5, "zero_point": -3}


def branching(model: ModelBuilder, *, then_kind: str = "ADD", else_kind: str = "MUL") -> None:
    """The main subgraph: IF over two float operands."""
    condition = model.input((1,), "bool")
    given = [model.input((4,), "float32") for _ in range(2)]
    indices = []
    for name, kind in (("then", then_kind), ("else", else_kind)):
        index, branch = model.subgraph(name)
        operands = [branch.input((4,), "float32") for _ in range(2)]
        branch.op(kind, operands, [branch.output((4,), "float32")])
        indices.append(index)
    result = model.output((4,), "float32")
    model.op("IF", [condition, *given], [result], then_subgraph_index=indices[0], else_subgraph_index=indices[1])


def test_operators_are_named_by_their_subgraph_and_place() -> None:
    model = ModelBuilder()
    branching(model)
    compiled = compile_bytes(model.build())
    assert [layer.label for layer in compiled.layers] == ["ADD 1:0", "MUL 2:0"]
    assert len({layer.op.index for layer in compiled.layers}) == 2
    text = render_model(compiled)["model.c"].decode()
    assert "{ /* IF 0 */" in text
    assert "    } else { /* IF 0 */" in text
    assert "tk_copy" not in text, "branches write where the caller wants their results"


def test_what_is_refused_in_a_subgraph_is_named_by_it() -> None:
    model = ModelBuilder()
    branching(model, else_kind="POW")
    with pytest.raises(UnsupportedModel, match="operator 0 of subgraph 2 POW: the operator is not supported"):
        compile_bytes(model.build())


def test_subgraphs_that_call_each_other_in_a_circle_are_refused() -> None:
    model = ModelBuilder()
    condition, x, y = model.input((1,), "bool"), model.input((4,), "float32"), model.output((4,), "float32")
    index, again = model.subgraph("again")
    inner = [again.input((1,), "bool"), again.input((4,), "float32")]
    for graph, given, result in (
        (model, [condition, condition, x], y),
        (again, [inner[0], *inner], again.output((4,), "float32")),
    ):
        graph.op("IF", given, [result], then_subgraph_index=index, else_subgraph_index=index)
    with pytest.raises(UnsupportedModel, match="the subgraph 1 calls itself"):
        compile_bytes(model.build())


def test_subgraphs_that_call_ever_more_are_refused() -> None:
    """Thirty, each of which calls the next twice."""
    model = ModelBuilder()
    graph = model
    for _ in range(30):
        condition, x, y = graph.input((1,), "bool"), graph.input((4,), "float32"), graph.output((4,), "float32")
        index, further = model.subgraph("further")
        graph.op("IF", [condition, condition, x], [y], then_subgraph_index=index, else_subgraph_index=index)
        graph = further
    graph.input((1,), "bool")
    graph.op("RELU", [graph.input((4,), "float32")], [graph.output((4,), "float32")])
    with pytest.raises(UnsupportedModel, match="more than 500 subgraphs"):
        compile_bytes(model.build())


@pytest.mark.parametrize("index", [0, -1, 7])
def test_a_subgraph_that_there_is_not_is_refused(index: int) -> None:
    model = ModelBuilder()
    condition, x, y = model.input((1,), "bool"), model.input((4,), "float32"), model.output((4,), "float32")
    model.op("IF", [condition, x], [y], then_subgraph_index=index, else_subgraph_index=index)
    with pytest.raises(UnsupportedModel, match=f"calls the subgraph {index}, which there is not"):
        compile_bytes(model.build())


def test_a_subgraph_that_is_not_consistent_is_named() -> None:
    model = ModelBuilder()
    branching(model)
    _, further = model.subgraph("damaged")
    nowhere = further.tensor((4,), "float32")
    further.op("RELU", [nowhere], [further.output((4,), "float32")])
    with pytest.raises(ModelError, match="in subgraph 3, operator 0"):
        compile_bytes(model.build())


def test_patches_need_a_model_without_control_flow() -> None:
    model = ModelBuilder()
    branching(model)
    with pytest.raises(InputError, match="loops, branches or variables"):
        compile_bytes(model.build(), patches=2)
    assert compile_bytes(model.build(), patches="auto").patched is None


def variable_in(graph: ModelBuilder, name: str) -> int:
    handle = graph.tensor((1,), "resource")
    graph.op("VAR_HANDLE", [], [handle], shared_name=name, container="")
    return handle


@pytest.mark.parametrize(("dtype", "point"), [("int8", -3), ("int8", 5), ("int16", 0)])
def test_a_variable_begins_as_the_interpreter_has_it(dtype: str, point: int) -> None:
    model = ModelBuilder()
    q = {"scale": 0.5, "zero_point": point}
    x, y, old = model.input((4,), dtype, **q), model.output((4,), dtype, **q), model.tensor((4,), dtype, **q)
    handle = variable_in(model, "v")
    model.op("READ_VARIABLE", [handle], [old])
    model.op("MAXIMUM", [x, old], [y])
    model.op("ASSIGN_VARIABLE", [handle, y], [])
    check_op(model, 5, np.random.default_rng(5))


def test_a_variable_that_was_never_set_is_zeros() -> None:
    model = ModelBuilder()
    x, y, old = model.input((4,), "float32"), model.output((4,), "float32"), model.tensor((4,), "float32")
    handle = variable_in(model, "v")
    model.op("READ_VARIABLE", [handle], [old])
    model.op("ADD", [x, old], [y])
    model.op("ASSIGN_VARIABLE", [handle, y], [])
    values = np.arange(12, dtype=np.float32).reshape(3, 4)
    (sums,) = run_compiled(model.build(), [values])
    assert (sums == values.cumsum(axis=0)).all()


def test_each_subgraph_has_states_of_its_own() -> None:
    """Two operators of one kind, first in their subgraphs: their buffers are two."""
    model = ModelBuilder()
    condition, x = model.input((1,), "bool"), model.input((1, 1, 1, 2), **Q)
    rows = (1, 3, 1, 2)
    indices = []
    for name in ("then", "else"):
        index, branch = model.subgraph(name)
        given = branch.input((1, 1, 1, 2), **Q)
        buffer = branch.tensor(rows, variable=True, **Q)
        branch.op("CUSTOM", [given], [buffer], custom_code="CIRCULAR_BUFFER", custom_options=Dumps({"cycles_max": 1}))
        branch.op("ADD", [buffer, buffer], [branch.output(rows, scale=1.0, zero_point=0)])
        indices.append(index)
    y = model.output(rows, scale=1.0, zero_point=0)
    model.op("IF", [condition, x], [y], then_subgraph_index=indices[0], else_subgraph_index=indices[1])
    compiled = compile_bytes(model.build())
    assert len(compiled.plan.kept) == 2
    check_op(model, 12, np.random.default_rng(4))


def svdf(graph: ModelBuilder, x: int, state: int, y: int) -> None:
    """One unit of two taps over one feature: its output is the sum of the last two inputs."""
    ones = [graph.const(np.ones(shape, np.float32)) for shape in ((1, 1), (1, 2))]
    bias = graph.const(np.zeros(1, np.float32))
    graph.op("SVDF", [x, *ones, bias, state], [y], rank=1)


def test_a_subgraph_that_is_called_twice_has_one_state() -> None:
    model = ModelBuilder()
    condition, x = model.input((1,), "bool"), model.input((1, 1), "float32")
    index, unit = model.subgraph("unit")
    svdf(
        unit,
        unit.input((1, 1), "float32"),
        unit.tensor((1, 2), "float32", variable=True),
        unit.output((1, 1), "float32"),
    )
    for _ in range(2):
        y = model.output((1, 1), "float32")
        model.op("IF", [condition, x], [y], then_subgraph_index=index, else_subgraph_index=index)
    assert len(compile_bytes(model.build()).plan.kept) == 1
    check_op(model, 10, np.random.default_rng(1))


def test_an_operator_that_sets_what_another_keeps_is_not_left_out() -> None:
    model = ModelBuilder()
    x, state = model.input((1, 1), "float32"), model.tensor((1, 2), "float32", variable=True)
    svdf(model, x, state, model.tensor((1, 1), "float32"))
    svdf(model, x, state, model.output((1, 1), "float32"))
    check_op(model, 10, np.random.default_rng(2))


def test_a_variable_as_output_is_refused() -> None:
    model = ModelBuilder()
    x, state = model.input((1, 1), "float32"), model.tensor((1, 2), "float32", variable=True)
    svdf(model, x, state, model.output((1, 1), "float32"))
    model.outputs.append(state)
    with pytest.raises(UnsupportedModel, match="is a variable"):
        compile_bytes(model.build())


def test_variables_are_told_apart_by_container_and_name() -> None:
    model = ModelBuilder()
    x, y = model.input((4,), "float32"), model.output((4,), "float32")
    handles = []
    for container, name in (("a", "b"), ("", "a/b")):
        handles.append(model.tensor((1,), "resource"))
        model.op("VAR_HANDLE", [], [handles[-1]], container=container, shared_name=name)
        model.op("ASSIGN_VARIABLE", [handles[-1], x if container else model.const(np.ones(4, np.float32))], [])
    old = model.tensor((4,), "float32")
    model.op("READ_VARIABLE", [handles[0]], [old])
    model.op("ADD", [old, x], [y])
    check_op(model, 3, np.random.default_rng(3))


def test_what_is_kept_counts_in_the_arena_and_is_reset_at_once() -> None:
    model = ModelBuilder()
    x, y = model.input((4,), "float32"), model.output((4,), "float32")
    for name in "ab":
        old = model.tensor((4,), "float32")
        handle = variable_in(model, name)
        model.op("READ_VARIABLE", [handle], [old])
        model.op("ASSIGN_VARIABLE", [handle, x], [])
        last = old
    model.op("ADD", [x, last], [y])
    compiled = compile_bytes(model.build())
    assert compiled.plan.kept_bytes == 32
    assert compiled.plan.arena_bytes == 32 + max(
        b.offset + b.size for b in compiled.plan.buffers if b.last < len(compiled.steps)
    )
    text = render_model(compiled)["model.c"].decode()
    reset = text.partition("void model_reset(void)\n{\n")[2].partition("}")[0]
    assert reset.strip() == f"memset(AT({compiled.plan.arena_bytes - 32}), 0, 32u);"


def test_a_model_without_state_has_neither_reset_nor_push() -> None:
    model = ModelBuilder()
    model.op("RELU", [model.input((4,), "float32")], [model.output((4,), "float32")])
    header = render_model(compile_bytes(model.build()))["model.h"].decode()
    assert "reset" not in header
    assert "push" not in header
