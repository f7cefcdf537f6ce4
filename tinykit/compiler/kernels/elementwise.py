"""Checks of operators that map elements to elements."""

from __future__ import annotations

import math

from tinykit.compiler.kernels.base import Refusal
from tinykit.compiler.kernels.checks import CONVERT_AGAIN, activation_quantization, require
from tinykit.graph.types import Graph, Op, Quantization, Tensor


def operands(graph: Graph, op: Op, inputs: int) -> tuple[Tensor, ...]:
    """The op's ``inputs`` inputs, none of them absent, followed by its one output.

    Raises:
        Refusal: when the op has more or fewer tensors than that.
    """
    present = [t for t in (graph.input(op, i) for i in range(len(op.inputs))) if t is not None]
    if len(present) != inputs or len(op.inputs) != inputs or len(op.outputs) != 1:
        raise Refusal(
            f"it has {len(present)} inputs and {len(op.outputs)} outputs instead of {inputs} and 1",
            "convert the model again",
        )
    return (*present, graph.output(op))


def same_shape(source: Tensor, target: Tensor) -> None:
    """Raises Refusal when the shapes differ."""
    require(
        source.shape == target.shape,
        f"its output has the shape {list(target.shape)} and its input {list(source.shape)}",
        "convert the model again",
    )


def int8_quantization(tensor: Tensor) -> Quantization:
    """The per-tensor quantization of an int8 tensor; refused when there is none or it cannot be right."""
    quant = activation_quantization(tensor, f"tensor {tensor.name!r}")
    require(math.isfinite(quant.scale), f"its tensor {tensor.name!r} has the scale {quant.scale}", CONVERT_AGAIN)
    return quant
