"""Folds a stand-alone RELU, RELU6 or RELU_N1_TO_1 into the operator before it.

Sound only where the activation neither rescales nor meets another activation: for quantized tensors input and output
must have the same scale and zero point (TFLite-Micro then multiplies by exactly one), so that what remains is a clamp.
"""

from __future__ import annotations

from dataclasses import replace

from tinykit.compiler.passes.uses import producer, read_only_by, same_quantization
from tinykit.graph.options import (
    Activation,
    ArithmeticOptions,
    Conv2DOptions,
    DepthwiseConv2DOptions,
    FullyConnectedOptions,
    Pool2DOptions,
)
from tinykit.graph.types import DType, Graph, Op

_ACTIVATIONS = {
    "RELU": Activation.RELU,
    "RELU6": Activation.RELU6,
    "RELU_N1_TO_1": Activation.RELU_N1_TO_1,
}


_TYPES = frozenset({DType.FLOAT32, DType.INT8, DType.INT16})
"""TFLite-Micro ignores the activation of operators of other types."""
_FUSES = (Conv2DOptions, DepthwiseConv2DOptions, FullyConnectedOptions, ArithmeticOptions, Pool2DOptions)


def fuse_activation(graph: Graph) -> Graph:
    """The graph with activations folded into sums of products, ADD, SUB, MUL and pooling."""
    for op in graph.ops:
        activation = _ACTIVATIONS.get(op.kind)
        if activation is None:
            continue
        before = producer(graph, op.inputs[0])
        if before is None or not read_only_by(graph, op.inputs[0], op):
            continue
        middle, output = graph.tensor(op.inputs[0]), graph.output(op)
        if (
            middle.dtype not in _TYPES
            or middle.dtype is not output.dtype
            or middle.shape != output.shape
            or not same_quantization(middle, output)
        ):
            continue
        fused = _with_activation(before, activation, op.outputs)
        if fused is not None:
            graph = graph.with_ops(
                tuple(fused if o.index == before.index else o for o in graph.ops if o.index != op.index)
            )
    return graph


def _with_activation(op: Op, activation: Activation, outputs: tuple[int, ...]) -> Op | None:
    options = op.options
    if not isinstance(options, _FUSES):
        return None
    if options.activation is not Activation.NONE:
        return None
    return replace(op, outputs=outputs, options=replace(options, activation=activation))
