"""Where values, states and constants are, as C expressions, and what puts the kept ones into their first state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby

from tinykit.compiler.kept import variable_name
from tinykit.compiler.kernels.base import Arg, State, Variable
from tinykit.compiler.model import CompiledModel


def constant_name(tensor_id: int) -> str:
    """Of a constant tensor that is read as it is."""
    return f"tensor_{tensor_id}"


def place_of_tensor(model: CompiledModel, tensor_id: int) -> str:
    """A pointer to a value of the graph."""
    if model.graph.tensor(tensor_id).is_constant:
        return constant_name(tensor_id)
    return _at(model.plan.offset_of(tensor_id))


def place_of(model: CompiledModel, arg: Arg) -> str:
    """A pointer to an argument of a kernel."""
    if isinstance(arg, State):
        return _at(model.plan.offset_of_kept(arg.name))
    if isinstance(arg, Variable):
        return _at(model.plan.offset_of_kept(variable_name(model.graph.tensor(arg.tensor))))
    return place_of_tensor(model, arg.tensor)


def reset_statements(model: CompiledModel, names: Mapping[object, str]) -> Iterator[str]:
    """Statements that put all that is kept into its first state; ``names`` are those of arrays, by their content."""
    plain = [one for one in model.plan.kept if one.initial is None]
    for fill, group in groupby(plain, key=lambda one: one.fill):
        same = list(group)  # they lie one behind the other
        place = _at(model.plan.offset_of_kept(same[0].name))
        yield f"memset({place}, {fill}, {sum(one.size for one in same)}u);"
    for one in model.plan.kept:
        if one.initial is not None:
            yield f"memcpy({_at(model.plan.offset_of_kept(one.name))}, {names[one.initial.content]}, {one.nbytes}u);"


def _at(offset: int) -> str:
    return f"AT({offset})"
