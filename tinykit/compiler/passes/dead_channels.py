"""Removes channels that carry nothing: those of which every reader knows the value, or reads it times zero.

A channel that is the same everywhere (its filter is zero, or its activation clamps whatever the sum is) adds the same
to every sum that reads it, so that addend goes into the reader's bias and the channel away. At a border a window finds
the zero point instead: there a channel can only go if the zero point is its value. Channels go from all operators at
once through which they pass one by one (depthwise convolutions, pooling, sums, means, reshapes); the model's inputs and
outputs keep theirs.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from tinykit.compiler.kernels.checks import int8_quantization
from tinykit.compiler.passes.ranges import Range, channel_ranges
from tinykit.compiler.passes.sum_ops import SumOp, sum_op
from tinykit.graph.options import ArithmeticOptions, Pool2DOptions, ReducerOptions
from tinykit.graph.types import DType, Graph, Op, Quantization, Tensor

_RESHAPES = frozenset({"RESHAPE", "SQUEEZE", "EXPAND_DIMS"})
_ELEMENTWISE = frozenset({"RELU", "RELU6", "RELU_N1_TO_1", "LEAKY_RELU", "LOGISTIC", "TANH", "HARD_SWISH", "QUANTIZE"})


_MOST_CHANNELS = 0xFFFF


@dataclass
class _Group:
    """Tensors whose channels go together. Channel i of a tensor is number ``i % channels`` of the group."""

    tensors: list[int] = field(default_factory=list)
    channels: int = 0
    keep: np.ndarray = field(default_factory=lambda: np.ones(0, bool))

    def kept(self, length: int) -> np.ndarray:
        """Which elements of a dimension of that length stay."""
        return np.tile(self.keep, length // self.channels)


def drop_dead_channels(graph: Graph) -> Graph:
    """The graph without such channels; at least one of each tensor stays.

    A graph with a value of more channels than a convolution may have, which a long vector is, stays as it is: keeping
    account of each would take more memory than the model.
    """
    if any(t.shape and t.shape[-1] > _MOST_CHANNELS for t in graph.tensors.values() if not t.is_constant):
        return graph
    while True:
        sums = {op.index: found for op in graph.ops if (found := sum_op(graph, op)) is not None}
        group_of = _groups(graph, sums)
        ranges = channel_ranges(graph, sums)
        for group in {id(g): g for g in group_of.values()}.values():
            _choose(graph, group, sums, ranges)
        if all(g.keep.all() for g in group_of.values()):
            return graph
        graph = _without(graph, group_of, sums, ranges)


def _groups(graph: Graph, sums: dict[int, SumOp]) -> dict[int, _Group]:
    """The group of each tensor whose channels could go."""
    of_tensor: dict[int, set[int]] = {}
    fixed = {*graph.inputs, *graph.outputs}
    for op in graph.ops:
        values = [i for i in (*op.inputs, *op.outputs) if i >= 0 and not graph.tensor(i).is_constant]
        for i in values:
            of_tensor.setdefault(i, {i})
            tensor = graph.tensor(i)
            if tensor.dtype is not DType.INT8 or not tensor.shape or tensor.is_variable:
                fixed.add(i)
        layer = sums.get(op.index)
        if layer is not None and not layer.depthwise:
            continue
        if layer is None and not _keeps_channels(graph, op):
            fixed.update(values)
            continue
        together = set().union(*(of_tensor[i] for i in values))
        for i in together:
            of_tensor[i] = together
    groups: dict[int, _Group] = {}
    for members in {id(s): s for s in of_tensor.values()}.values():
        lengths = [graph.tensor(i).shape[-1] for i in members if graph.tensor(i).shape]
        channels = min(lengths, default=0)
        if members & fixed or channels < 2 or any(length % channels for length in lengths):
            continue
        group = _Group(sorted(members), channels, np.ones(channels, bool))
        groups.update(dict.fromkeys(members, group))
    return groups


def _keeps_channels(graph: Graph, op: Op) -> bool:
    """Whether channels pass through one by one, and none could be told by its number."""
    if op.kind in _RESHAPES:
        return True
    if not op.outputs:
        return False
    output = graph.output(op)
    values = [t for t in (graph.input(op, i) for i in range(len(op.inputs))) if t is not None]
    source = values[0] if values else None
    if source is None or not source.shape or not output.shape or source.is_constant:
        return False
    if op.kind in _ELEMENTWISE or isinstance(op.options, Pool2DOptions):
        return source.shape[-1] == output.shape[-1]
    if isinstance(op.options, ArithmeticOptions):
        return all(t.size == 1 if t.is_constant else t.shape[-1:] == output.shape[-1:] for t in values)
    if isinstance(op.options, ReducerOptions) and op.kind == "MEAN" and len(values) == 2:
        axes, last = values[1].data, len(source.shape) - 1
        return axes is not None and not any(int(a) in (last, -1) for a in axes.reshape(-1))
    return False


def _choose(graph: Graph, group: _Group, sums: dict[int, SumOp], ranges: dict[int, Range]) -> None:
    """Mark the channels that can go."""
    dead = np.ones(group.channels, bool)
    for op in graph.ops:
        layer = sums.get(op.index)
        if layer is None or layer.depthwise or op.inputs[0] not in group.tensors:
            continue
        depth = layer.layer.filters.shape[-1]
        if depth % group.channels:
            return
        unused = ~layer.layer.filters.any(axis=tuple(range(layer.layer.filters.ndim - 1)))
        known = ranges.get(op.inputs[0])
        if known is not None and depth % len(known.low) == 0:
            known = known.spread(depth)
            zero = int8_quantization(layer.layer.source).zero_point
            unused |= known.constant & (np.full(depth, not layer.border) | (known.low == zero))
        dead &= unused.reshape(-1, group.channels).all(axis=0)
    if dead.all():
        dead[0] = False
    group.keep = ~dead


def _without(graph: Graph, group_of: dict[int, _Group], sums: dict[int, SumOp], ranges: dict[int, Range]) -> Graph:
    tensors: dict[int, Tensor] = {}
    ops: list[Op] = []
    for i, group in group_of.items():
        tensor = graph.tensor(i)
        tensors[i] = replace(tensor, shape=(*tensor.shape[:-1], int(group.kept(tensor.shape[-1]).sum())))
    for op in graph.ops:
        layer = sums.get(op.index)
        if layer is None:
            ops.append(op)
            continue
        source, target = group_of.get(op.inputs[0]), group_of.get(op.outputs[0])
        if any(g is not None and not g.keep.all() for g in (source, target)):
            filters, bias = layer.layer.filters, layer.layer.bias_values().astype(np.int64)
            if source is not None and not layer.depthwise:
                gone = ~source.kept(filters.shape[-1])
                bias = bias + _addends(op, layer, gone, ranges)
                filters = filters[..., ~gone]
            rows = target.kept(len(filters)) if target is not None else np.ones(len(filters), bool)
            weights_id, bias_id = (max([*graph.tensors, *tensors]) + n for n in (1, 2))
            tensors[weights_id], tensors[bias_id] = _constants(graph, op, layer, filters[rows], bias[rows], rows)
            tensors[weights_id] = replace(tensors[weights_id], id=weights_id)
            tensors[bias_id] = replace(tensors[bias_id], id=bias_id)
            op = replace(op, inputs=(op.inputs[0], weights_id, bias_id, *op.inputs[3:]))
        ops.append(op)
    return graph.with_tensors(tensors).with_ops(tuple(ops))


def _addends(op: Op, layer: SumOp, gone: np.ndarray, ranges: dict[int, Range]) -> np.ndarray:
    """What input channels that go add to each sum, wherever the window is."""
    weights = layer.layer.filters.astype(np.int64)[..., gone]
    if not weights.any():
        return np.zeros(len(weights), np.int64)
    values = ranges[op.inputs[0]].spread(len(gone)).low[gone] - int8_quantization(layer.layer.source).zero_point
    total: np.ndarray = weights.sum(axis=tuple(range(1, weights.ndim - 1))) @ values
    return total


def _constants(
    graph: Graph, op: Op, layer: SumOp, filters: np.ndarray, bias: np.ndarray, rows: np.ndarray
) -> tuple[Tensor, Tensor]:
    """Weights and bias of what is left of a layer."""
    old = layer.layer.weights
    data = np.ascontiguousarray(np.moveaxis(filters, 0, layer.layer.channel_axis))
    weights = replace(old, shape=data.shape, data=data, quant=_some(old.quant, rows))
    before = graph.input(op, 2)
    quant = _some(before.quant, rows) if before is not None else None
    values = bias.astype(np.int32)
    return weights, Tensor(0, before.name if before else f"{old.name}_bias", values.shape, DType.INT32, quant, values)


def _some(quant: Quantization | None, rows: np.ndarray) -> Quantization | None:
    if quant is None or len(quant.scales) != len(rows):
        return quant
    points = quant.zero_points[rows] if len(quant.zero_points) == len(rows) else quant.zero_points
    return replace(quant, scales=quant.scales[rows], zero_points=points)
