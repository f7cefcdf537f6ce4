"""What a model keeps from run to run: states of operators, variables, and what ``<name>_reset()`` puts there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tinykit.compiler.kernels.base import ConstArray, Lowered, State, Variable
from tinykit.compiler.placement import ALIGNMENT, align
from tinykit.graph.types import DType, Graph, Tensor


@dataclass(frozen=True)
class Kept:
    """A piece of memory that keeps its contents.

    Attributes:
        name: of the state, or of the tensor that is a variable.
        size: bytes, rounded up to ALIGNMENT.
        nbytes: of these, those that are used.
        fill: the byte that all of them are at first, where there is no ``initial``.
        tensor: the id of the tensor that is a variable.
    """

    name: str
    size: int
    nbytes: int
    fill: int = 0
    initial: ConstArray | None = None
    tensor: int | None = None


def kept_of(graph: Graph, lowered: Iterable[Lowered]) -> tuple[Kept, ...]:
    """Everything that steps keep, each once: first what begins as zeros, so that one call can clear it all."""
    found: dict[str, Kept] = {}
    for entry in lowered:
        arguments = [arg for call in entry.calls for arg in call.args]
        if entry.control is not None and entry.control.condition is not None:
            arguments.append(entry.control.condition)
        for arg in arguments:
            if isinstance(arg, Variable):
                one = _variable(graph.tensor(arg.tensor))
            elif isinstance(arg, State):
                one = Kept(arg.name, _size(arg.nbytes), arg.nbytes, arg.fill, arg.initial)
            else:
                continue
            if one.name not in found or one.size > found[one.name].size:
                found[one.name] = one
    return tuple(sorted(found.values(), key=lambda one: (one.initial is not None, one.fill)))


def variable_name(tensor: Tensor) -> str:
    """Under which a tensor that is a variable is kept. Names of tensors need not differ, ids do."""
    return f"{tensor.name} (tensor {tensor.id})"


def _variable(tensor: Tensor) -> Kept:
    # ResetVariableTensors in TFLite-Micro's micro_interpreter_graph.cc: one byte for all types.
    fill = tensor.quant.zero_point & 0xFF if tensor.dtype is DType.INT8 and tensor.quant else 0
    return Kept(variable_name(tensor), _size(tensor.nbytes), tensor.nbytes, fill=fill, tensor=tensor.id)


def _size(nbytes: int) -> int:
    return max(ALIGNMENT, align(nbytes))
