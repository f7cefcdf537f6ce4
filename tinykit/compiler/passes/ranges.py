"""What values each channel of an int8 tensor can have: a channel that can have one only is a constant.

All arithmetic is that of the kernels, and monotonic: the smallest sum gives the smallest output. Sums are bounded from
the ranges of their inputs; a window that reaches outside of an image also finds the zero point.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tinykit.compiler.kernels.add import rescaling
from tinykit.compiler.kernels.base import Refusal
from tinykit.compiler.kernels.checks import int8_clamp, int8_quantization
from tinykit.compiler.kernels.quantize_math import multiply_by_quantized_multiplier
from tinykit.compiler.passes.sum_ops import SumOp
from tinykit.graph.options import ArithmeticOptions, Pool2DOptions
from tinykit.graph.types import DType, Graph, Op, Tensor


@dataclass(frozen=True)
class Range:
    """Bounds (inclusive) of each channel, int64 arrays of the length of the tensor's last dimension."""

    low: np.ndarray
    high: np.ndarray

    @property
    def constant(self) -> np.ndarray:
        """Whether a channel is the same everywhere, for every input."""
        same: np.ndarray = self.low == self.high
        return same

    def spread(self, length: int) -> Range:
        """Of a tensor of the same bytes, whose last dimension is that long, a multiple of this one's."""
        times = length // len(self.low)
        return Range(np.tile(self.low, times), np.tile(self.high, times))


def channel_ranges(graph: Graph, sums: Mapping[int, SumOp]) -> dict[int, Range]:
    """Ranges of all int8 tensors that operators write and that have channels.

    Args:
        sums: the operators that are such, by their index.
    """
    ranges: dict[int, Range] = {}
    for op in graph.ops:
        for output in (graph.tensor(i) for i in op.outputs):
            if output.dtype is DType.INT8 and output.shape and not output.is_constant:
                found = _of(graph, op, sums.get(op.index), output, ranges) or _anything(output)
                ranges[output.id] = found
    return ranges


def _anything(tensor: Tensor) -> Range:
    return Range(np.full(tensor.shape[-1], -128, np.int64), np.full(tensor.shape[-1], 127, np.int64))


def _of(graph: Graph, op: Op, layer: SumOp | None, output: Tensor, ranges: dict[int, Range]) -> Range | None:
    source = graph.input(op, 0)
    if source is None or not source.shape or source.dtype is not DType.INT8 or source.is_constant:
        return None
    known = ranges.get(source.id) or _anything(source)
    if layer is not None:
        return _of_sums(layer, known)
    length = output.shape[-1]
    if op.kind in ("RESHAPE", "SQUEEZE", "EXPAND_DIMS"):
        return known.spread(length) if len(known.low) and length % len(known.low) == 0 else None
    try:
        if isinstance(op.options, Pool2DOptions) and len(known.low) == length:
            # neither a maximum nor a rounded mean leaves the range
            low, high = int8_clamp(op.options.activation, output)
            return Range(np.clip(known.low, low, high), np.clip(known.high, low, high))
        if op.kind in ("ADD", "SUB") and isinstance(op.options, ArithmeticOptions):
            return _of_addition(graph, op, output, ranges)
    except Refusal:
        pass
    return None


def _of_addition(graph: Graph, op: Op, output: Tensor, ranges: dict[int, Range]) -> Range | None:
    tensors = [graph.input(op, i) for i in (0, 1)]
    quants, known = [], []
    for tensor in tensors:
        if tensor is None or not tensor.shape or tensor.is_constant or tensor.shape[-1] != output.shape[-1]:
            return None
        quants.append(int8_quantization(tensor))
        known.append(ranges.get(tensor.id) or _anything(tensor))
    assert isinstance(op.options, ArithmeticOptions)
    sign = 1 if op.kind == "ADD" else -1
    bounds = int8_clamp(op.options.activation, output)
    exact = rescaling(quants[0], quants[1], int8_quantization(output), sign, bounds)
    second = (known[1].low, known[1].high)[::sign]
    return Range(exact(known[0].low, second[0]), exact(known[0].high, second[1]))


def _of_sums(op: SumOp, source: Range) -> Range:
    layer = op.layer
    zero_in, zero_out = (int8_quantization(t).zero_point for t in (layer.source, layer.target))
    low, high = source.low - zero_in, source.high - zero_in
    if op.border:
        low, high = np.minimum(low, 0), np.maximum(high, 0)
    weights = layer.filters.astype(np.int64)
    positive, negative = np.maximum(weights, 0), np.minimum(weights, 0)
    if op.depthwise:
        up, down = (p.reshape(len(weights), -1).sum(axis=1) for p in (positive, negative))
        least, most = up * low + down * high, up * high + down * low
    else:
        depth = weights.shape[-1]
        if depth % len(low):  # rows of a dense layer that do not end where pixels do
            low, high = np.full(depth, low.min()), np.full(depth, high.max())
        low, high = (np.tile(v, depth // len(v)) for v in (low, high))
        inputs = tuple(range(1, weights.ndim - 1))
        up, down = positive.sum(axis=inputs), negative.sum(axis=inputs)
        least, most = up @ low + down @ high, up @ high + down @ low
    bias = layer.bias_values().astype(np.int64)
    ends = []
    for total in (bias + least, bias + most):
        values = [multiply_by_quantized_multiplier(int(x), *p) for x, p in zip(total, op.pairs, strict=True)]
        ends.append(np.clip(np.array(values, np.int64) + zero_out, op.low, op.high))
    # A left shift may leave 32 bits; results wrap then, and only those of a single sum are known.
    shifts = np.array([max(0, shift) for _, shift in op.pairs], np.int64)
    extreme = np.maximum(np.abs(bias + least), np.abs(bias + most))
    unknown = (extreme >= (2**31 >> shifts)) & (least != most)
    return Range(np.where(unknown, op.low, ends[0]), np.where(unknown, op.high, ends[1]))
