"""IF, WHILE, CALL_ONCE and variables: random blocks of operators that call each other and keep values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from proof import draw
from proof.case import Case, proves
from support.tflite_builder import ModelBuilder

_TYPES = {"float32": np.float32, "int8": np.int8, "int32": np.int32}


@dataclass
class _World:
    """What all values of a model have in common."""

    rng: np.random.Generator
    label: str
    shape: tuple[int, ...]
    quantization: dict[str, Any]

    def tensor(self, make: Callable[..., int]) -> int:
        return make(self.shape, self.label, **self.quantization)

    def constant(self, model: ModelBuilder) -> int:
        values = self.rng.integers(-3, 4, self.shape).astype(_TYPES[self.label])
        return model.const(values, **self.quantization)

    def wrong(self) -> bool:
        """Whether to make a mistake here that has to be refused."""
        return bool(self.rng.random() < 0.03)


def _world(rng: np.random.Generator, label: str) -> _World:
    return _World(rng, label, draw.shape(rng, high=3, most=5), draw.quantization(rng, label))


def _block(world: _World, model: ModelBuilder, values: list[int], depth: int) -> list[int]:
    """Some operators on values; all there is then. Now and then they call subgraphs of their own."""
    rng, values = world.rng, list(values)
    for _ in range(int(rng.integers(0, 4))):
        a, b = (int(rng.choice(values)) for _ in range(2))
        kind = rng.choice(["ADD", "SUB", "MUL", "MAXIMUM", "RESHAPE", "constant", "IF", "WHILE"])
        if kind == "constant":
            values.append(world.constant(model))
        elif kind == "RESHAPE":
            flat = model.tensor((int(np.prod(world.shape)),), world.label, **world.quantization)
            back = world.tensor(model.tensor)
            model.op("RESHAPE", [a, model.const(np.array([-1], np.int32))], [flat])
            model.op("RESHAPE", [flat, model.const(np.array(world.shape, np.int32))], [back])
            values.append(back)
        elif kind == "IF" and depth:
            condition = model.const(np.array([bool(rng.random() < 0.5)]))
            values += _if(world, model, condition, values, int(rng.integers(1, 3)), depth - 1)
        elif kind == "WHILE" and depth:
            values += _while(world, model, values, int(rng.integers(1, 3)), depth - 1)
        elif kind in ("ADD", "SUB", "MUL", "MAXIMUM"):
            result = world.tensor(model.tensor)
            model.op(str(kind), [a, b], [result])
            values.append(result)
    return values


def _fill(world: _World, model: ModelBuilder, count: int, depth: int, given: int) -> None:
    """A subgraph with inputs and results, which may be inputs, constants or one value twice."""
    values = [world.tensor(model.input) for _ in range(given)]
    values = _block(world, model, values or [world.constant(model)], depth)
    model.outputs += [int(world.rng.choice(values[-4:] if world.rng.random() < 0.7 else values)) for _ in range(count)]


def _if(world: _World, model: ModelBuilder, condition: int, values: list[int], count: int, depth: int) -> list[int]:
    given = [int(world.rng.choice(values)) for _ in range(int(world.rng.integers(0, 4)))]
    branches = []
    for name in ("then", "else"):
        index, branch = model.subgraph(name)
        _fill(world, branch, count + world.wrong(), depth, len(given))
        branches.append(index)
    results = [world.tensor(model.tensor) for _ in range(count)]
    model.op("IF", [condition, *given], results, then_subgraph_index=branches[0], else_subgraph_index=branches[1])
    return results


def _while(world: _World, model: ModelBuilder, values: list[int], count: int, depth: int) -> list[int]:
    """A loop that counts; what it carries is exchanged, passed on, or computed anew."""
    rng = world.rng
    turns, first = int(rng.integers(0, 5)), int(rng.integers(-1, 2))
    condition_index, condition = model.subgraph("condition")
    counter = condition.input((1,), "int32")
    for _ in range(count):
        world.tensor(condition.input)
    go_on = condition.output((1,), "bool")
    condition.op("LESS", [counter, condition.const(np.array([turns], np.int32))], [go_on])

    body_index, body = model.subgraph("body")
    counter = body.input((1,), "int32")
    carried = [world.tensor(body.input) for _ in range(count)]
    after = body.output((1,), "int32")
    computed = _block(world, body, carried, depth)
    body.op("ADD", [counter, body.const(np.array([1], np.int32))], [after])
    body.outputs += [int(rng.choice(computed)) for _ in range(count)]

    begin = model.const(np.array([first], np.int32))
    given = [begin, *(int(rng.choice(values)) for _ in range(count))]
    results = [model.tensor((1,), "int32"), *(world.tensor(model.tensor) for _ in range(count))]
    model.op("WHILE", given, results, cond_subgraph_index=condition_index, body_subgraph_index=body_index)
    return results[1:]


def _finish(world: _World, model: ModelBuilder, values: list[int], results: list[int]) -> None:
    """Use the results, and other values after them: nothing may have been overwritten."""
    for result in results:
        total = world.tensor(model.output)
        model.op("ADD", [result, int(world.rng.choice(values))], [total])


@proves("IF", *_TYPES)
def if_case(rng: np.random.Generator, label: str) -> Case:
    world = _world(rng, label)
    model = ModelBuilder()
    condition = model.input((2,) if world.wrong() else (1,), "bool")
    values = _block(world, model, [world.tensor(model.input) for _ in range(int(rng.integers(1, 4)))], 0)
    results = _if(world, model, condition, values, int(rng.integers(1, 4)), depth=1)
    _finish(world, model, values, results)
    return Case(model, runs=4)


@proves("WHILE", *_TYPES)
def while_case(rng: np.random.Generator, label: str) -> Case:
    world = _world(rng, label)
    model = ModelBuilder()
    values = _block(world, model, [world.tensor(model.input) for _ in range(int(rng.integers(1, 4)))], 0)
    results = _while(world, model, values, int(rng.integers(1, 4)), depth=1)
    _finish(world, model, values, results)
    return Case(model)


@proves("VAR_HANDLE", *_TYPES)
@proves("ASSIGN_VARIABLE", *_TYPES)
@proves("READ_VARIABLE", *_TYPES)
@proves("CALL_ONCE", *_TYPES)
def variables_case(rng: np.random.Generator, label: str) -> Case:
    """Variables that are set once, read, and set again, in any order, over several runs."""
    world = _world(rng, label)
    model = ModelBuilder()
    names = [f"v{i}" for i in range(int(rng.integers(1, 4)))]

    def handle(graph: ModelBuilder, name: str) -> int:
        tensor = graph.tensor((1,), "resource")
        graph.op("VAR_HANDLE", [], [tensor], shared_name=name, container="c")
        return tensor

    if rng.random() < 0.6:
        index, once = model.subgraph("once")
        for name in names:
            once.op("ASSIGN_VARIABLE", [handle(once, name), world.constant(once)], [])
        model.op("CALL_ONCE", [], [], init_subgraph_index=index)
    values = [world.tensor(model.input)]
    handles = [handle(model, name) for name in names]
    for _ in range(int(rng.integers(2, 7))):
        of = int(rng.choice(handles))
        if rng.random() < 0.5:
            values.append(world.tensor(model.tensor))
            model.op("READ_VARIABLE", [of], [values[-1]])
        else:
            values = _block(world, model, values, 0)
            model.op("ASSIGN_VARIABLE", [of, int(rng.choice(values))], [])
    for of in handles:  # what is never assigned has no memory in TFLite-Micro
        model.op("ASSIGN_VARIABLE", [of, int(rng.choice(values))], [])
    _finish(world, model, values, [values[-1]])
    return Case(model, runs=5)
