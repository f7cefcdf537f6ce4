"""Limits of single operators: each function says why the compiler would not map one, or nothing.

They are called for operators whose tensors are of 8 bits and of a known size, with their parameters constant.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tinykit.edgetpu.rules.operand import INNERMOST, axes, integers, shape
from tinykit.edgetpu.rules.rule import PAIRS, TABLE, Confidence, Finding, Rule, Status, issue
from tinykit.graph.options import (
    Activation,
    ConcatenationOptions,
    Conv2DOptions,
    DepthwiseConv2DOptions,
    FullyConnectedOptions,
    PackOptions,
    Pool2DOptions,
    SqueezeOptions,
    StridedSliceOptions,
)
from tinykit.graph.types import Graph, Op, Tensor

Limit = Callable[[Graph, Op], Finding | None]

FUSED_POOL = Rule("pool-activation", TABLE, Confidence.DOCUMENTED)
FUSED_CONCAT = Rule("concat-activation", TABLE, Confidence.DOCUMENTED)
CONSTANT_CONCAT = Rule("concat-constant", TABLE, Confidence.DOCUMENTED)
DILATION = Rule("conv-dilation", TABLE, Confidence.DOCUMENTED)
DENSE_FORMAT = Rule("dense-format", TABLE, Confidence.DOCUMENTED)
DENSE_VERSION = Rule(
    "dense-version", f"{PAIRS} (4 is mapped); version 9 seen unmapped in a log", Confidence.SEEN, Status.VERSION
)
MEAN_BATCH = Rule("mean-batch", TABLE, Confidence.DOCUMENTED)
MEAN_Z = Rule("mean-z", TABLE, Confidence.DOCUMENTED)
REDUCE_BATCH = Rule("reduce-batch", TABLE, Confidence.DOCUMENTED)
PACK_BATCH = Rule("pack-batch", TABLE, Confidence.DOCUMENTED)
PAD_BATCH = Rule("pad-batch", TABLE, Confidence.DOCUMENTED)
PRELU_ALPHA = Rule("prelu-alpha", TABLE, Confidence.DOCUMENTED)
RESIZE = Rule("resize-magnification", f"{TABLE}; the factor from {PAIRS}", Confidence.INFERRED)
SOFTMAX_SIZE = Rule("softmax-size", TABLE, Confidence.DOCUMENTED)
SQUEEZE_INNER = Rule("squeeze-inner", TABLE, Confidence.DOCUMENTED)
SPLIT_OUTERMOST = Rule("split-outermost", f"{TABLE}; {PAIRS}", Confidence.SEEN)
SLICE_STRIDE = Rule("slice-stride", TABLE, Confidence.DOCUMENTED)
SLICE_MASK = Rule("slice-mask", TABLE, Confidence.DOCUMENTED)
FIVE_DIMENSIONS = Rule("five-dimensions", f"{PAIRS}; {issue(274)}", Confidence.SEEN, Status.RANK)

MOST_MAGNIFIED = 8
"""Up to this factor a resize is taken to map. Factors 1 and 2 are seen mapped, 16 and 33 are not; interpolation by 8
in both directions has weights of multiples of 1/64, which 8 bits hold, and by 16 of 1/256, which they do not."""
MOST_CLASSES = 16_000
"""Elements that a softmax goes over (documented)."""
DENSE_MAPPED = 4
"""The highest version of FULLY_CONNECTED that is mapped; 5 and more mean features that the Edge TPU does not have."""


def pool(graph: Graph, op: Op) -> Finding | None:
    assert isinstance(op.options, Pool2DOptions)
    if op.options.activation is Activation.NONE:
        return None
    reason = f"its fused activation, {op.options.activation.name}, is not supported in pooling"
    return Finding(FUSED_POOL, reason, "make the activation a layer of its own, before the pooling")


def concatenation(graph: Graph, op: Op) -> Finding | None:
    assert isinstance(op.options, ConcatenationOptions)
    if op.options.activation is not Activation.NONE:
        reason = f"its fused activation, {op.options.activation.name}, is not supported"
        return Finding(FUSED_CONCAT, reason, "make the activation a layer of its own")
    constants = [t for t in _inputs(graph, op) if t.is_constant]
    if not constants:
        return None
    if len(op.inputs) != 2:
        reason = f"one of its {len(op.inputs)} inputs is constant, which is supported with two inputs only"
        return Finding(CONSTANT_CONCAT, reason, "concatenate the constant on its own, or make it a PAD")
    if not all(_is_zero(t) for t in constants):
        reason = "its constant input is not all zeros"
        return Finding(CONSTANT_CONCAT, reason, "leave the constant to the application, or make it zeros")
    return None


def dilation(graph: Graph, op: Op) -> Finding | None:
    assert isinstance(op.options, Conv2DOptions | DepthwiseConv2DOptions)
    y, x = op.options.dilation
    if y == x:
        return None
    return Finding(DILATION, f"dilation {y} in y and {x} in x", "use the same dilation in both directions")


def fully_connected(graph: Graph, op: Op) -> Finding | None:
    assert isinstance(op.options, FullyConnectedOptions)
    if op.options.weights_format != 0:
        return Finding(DENSE_FORMAT, "its weights are shuffled", "convert again without shuffled weights")
    if op.version > DENSE_MAPPED:
        why = "it keeps its input's dimensions" if op.options.keep_num_dims else "it uses a feature of newer versions"
        return Finding(
            DENSE_VERSION,
            f"version {op.version}; up to {DENSE_MAPPED} are mapped ({why}, or another dense layer of the model does)",
            "reshape to two dimensions before dense layers, or use a 1x1 convolution",
        )
    return None


def mean(graph: Graph, op: Op) -> Finding | None:
    source = graph.tensors[op.inputs[0]]
    found = axes(graph.input(op, 1), len(source.shape))
    if found is None:
        return None
    if 0 in found and len(source.shape) > 1:
        return Finding(MEAN_BATCH, "it reduces the batch dimension", "keep the outermost dimension")
    if len(source.shape) - 1 in found and source.shape[-1] % 4:
        reason = f"it reduces z, which has {source.shape[-1]} elements: not a multiple of 4"
        return Finding(MEAN_Z, reason, "make the number of channels a multiple of 4")
    return None


def reduce(graph: Graph, op: Op) -> Finding | None:
    rank = len(graph.tensors[op.inputs[0]].shape)
    found = axes(graph.input(op, 1), rank)
    if found is None or 0 not in found or rank < 2:
        return None
    return Finding(REDUCE_BATCH, "it reduces the batch dimension", "keep the outermost dimension")


def pack(graph: Graph, op: Op) -> Finding | None:
    assert isinstance(op.options, PackOptions)
    rank = len(graph.output(op).shape)
    if op.options.axis not in (0, -rank):
        return None
    return Finding(PACK_BATCH, "it packs along the batch dimension", "pack along another dimension")


def pad(graph: Graph, op: Op) -> Finding | None:
    amounts = integers(graph.input(op, 1))
    if amounts is None or len(graph.tensors[op.inputs[0]].shape) < 2 or not any(amounts[:2]):
        return None
    return Finding(PAD_BATCH, "it pads the batch dimension", "pad y, x and z only")


def prelu(graph: Graph, op: Op) -> Finding | None:
    alpha = graph.input(op, 1)
    if alpha is None or all(d == 1 for d in alpha.shape[:-1]):
        return None
    reason = f"alpha is {shape(alpha)}; only its innermost dimension may be larger than 1"
    return Finding(PRELU_ALPHA, reason, "share alpha over y and x (Keras: PReLU(shared_axes=[1, 2]))")


def resize(graph: Graph, op: Op) -> Finding | None:
    source, target = graph.tensors[op.inputs[0]], graph.output(op)
    if len(source.shape) != 4 or len(target.shape) != 4:
        return None
    factors = [after / max(before, 1) for before, after in zip(source.shape[1:3], target.shape[1:3], strict=True)]
    if max(factors) <= MOST_MAGNIFIED:
        return None
    return Finding(
        RESIZE,
        f"it magnifies {shape(source)} to {shape(target)}, {max(factors):.3g} times: the Edge TPU would interpolate "
        "too coarsely",
        "resize in steps of 2, or leave the last resize to the application",
    )


def softmax(graph: Graph, op: Op) -> Finding | None:
    source = graph.tensors[op.inputs[0]]
    if not source.shape or source.shape[-1] <= MOST_CLASSES:
        return None
    reason = f"it goes over {source.shape[-1]:,} elements; up to {MOST_CLASSES:,} are supported"
    return Finding(SOFTMAX_SIZE, reason, "leave the softmax to the application")


def split(graph: Graph, op: Op) -> Finding | None:
    source = graph.input(op, 1)
    if source is None:
        return None
    found = axes(graph.input(op, 0), len(source.shape))
    if not found or 0 not in found or source.shape[0] == 1:
        return None
    reason = f"it splits the outermost dimension ({shape(source)})"
    return Finding(SPLIT_OUTERMOST, reason, "split along another dimension")


def squeeze(graph: Graph, op: Op) -> Finding | None:
    assert isinstance(op.options, SqueezeOptions)
    source = graph.tensors[op.inputs[0]]
    ones = {i for i, size in enumerate(source.shape) if size == 1}
    removed = {axis % len(source.shape) for axis in op.options.dims} if op.options.dims and source.shape else ones
    first = next((i for i, size in enumerate(source.shape) if size != 1), len(source.shape))
    if max(removed, default=0) <= first:
        return None
    reason = (
        f"of {shape(source)} it removes a dimension behind a larger one; only leading ones can be, without moving data"
    )
    return Finding(SQUEEZE_INNER, reason, "use RESHAPE")


def strided_slice(graph: Graph, op: Op) -> Finding | None:
    assert isinstance(op.options, StridedSliceOptions)
    strides = integers(graph.input(op, 3))
    if strides is not None and any(s != 1 for s in strides):
        steps = ", ".join(map(str, strides))
        return Finding(
            SLICE_STRIDE, f"its strides are {steps}; only 1 is supported", "use pooling, or slice without steps"
        )
    if op.options.ellipsis_mask or op.options.new_axis_mask:
        return Finding(SLICE_MASK, "it has an ellipsis or a new axis", "write out all dimensions of the slice")
    return None


def dimensions(graph: Graph, op: Op) -> Finding | None:
    both = [graph.tensors[op.inputs[0]], graph.output(op)]
    large = next((t for t in both if len(t.shape) > INNERMOST + 1), None)
    if large is None:
        return None
    reason = f"{len(large.shape)} dimensions ({shape(large)}); four are mapped"
    return Finding(FIVE_DIMENSIONS, reason, "leave out dimensions that are 1, or do it in steps of four dimensions")


def _inputs(graph: Graph, op: Op) -> list[Tensor]:
    tensors = (graph.input(op, position) for position in range(len(op.inputs)))
    return [tensor for tensor in tensors if tensor is not None]


def _is_zero(tensor: Tensor) -> bool:
    """Whether all elements mean 0."""
    assert tensor.data is not None
    zero = 0 if tensor.quant is None else tensor.quant.zero_point
    return bool(np.all(tensor.data == zero))
