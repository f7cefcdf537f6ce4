"""Brings the channels between two layers to like ranges, in the float model, without changing what it computes.

All channels of an activation share one scale in int8, so one that is 100 times as large as the others leaves those
hardly any steps. Between two linear layers a channel can be divided by s if its weights in the second are multiplied
by s: exactly so with ReLU and pooling in between, since those commute with a positive factor (M. Nagel et al.,
"Data-Free Quantization Through Weight Equalization and Bias Correction", 2019). The factor is chosen as in
"SmoothQuant" (G. Xiao et al., 2022, alpha 1/2): s = sqrt(largest activation / largest weight), of each channel.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tinykit.convert.statistics import Range
from tinykit.convert.writer import pack, unpack
from tinykit.graph.options import Options
from tinykit.graph.reader import parse_model
from tinykit.graph.types import Graph, Op, Tensor

_LINEAR = {"CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"}
_THROUGH = {"MAX_POOL_2D", "AVERAGE_POOL_2D", "RELU", "RESHAPE", "MEAN", "PAD"}
_LARGEST = 1e4
"""Factors beyond it would leave float32's comfortable range; such a channel is as good as dead anyway."""


def equalize(tflite: bytes, ranges: Mapping[str, Range], where: str) -> tuple[bytes, tuple[str, ...]]:
    """The model with equalized channels.

    Args:
        tflite: a normalized float model.
        ranges: of its tensors.

    Returns:
        The model, which computes the same up to rounding, and the outputs of the layers that were changed; the model
        as it was and none where no two layers allow it.
    """
    graph = parse_model(tflite, name="model", where=where)
    model = unpack(tflite)
    changed = []
    for first in graph.ops:
        second = _partner(graph, first)
        factors = None if second is None else _factors(graph, first, second, ranges)
        if second is None or factors is None:
            continue
        _divide_outputs(graph, model, first, factors)
        _multiply_inputs(graph, model, second, factors)
        changed.append(graph.output(first).name)
    return (pack(model), tuple(changed)) if changed else (tflite, ())


def _partner(graph: Graph, first: Op) -> Op | None:
    """The linear layer that alone reads what ``first`` makes, through operators that let a factor pass."""
    if not _is_linear(graph, first) or _activation(first.options) not in ("NONE", "RELU"):
        return None
    current = first
    while True:
        output = current.outputs[0]
        readers = [op for op in graph.ops if output in op.inputs]
        if len(readers) != 1 or output in graph.outputs:
            return None
        current = readers[0]
        if current.kind in _LINEAR:
            return current if _is_linear(graph, current) and current.inputs[0] == output else None
        if current.kind not in _THROUGH or _activation(current.options) not in (None, "NONE", "RELU"):
            return None
        if current.kind == "MEAN" and graph.output(current).shape[-1:] != graph.output(first).shape[-1:]:
            return None  # over the channels


def _is_linear(graph: Graph, op: Op) -> bool:
    """A layer whose float weights nobody else uses, with one filter per channel if it is depthwise."""
    weights = graph.input(op, 1)
    if op.kind not in _LINEAR or weights is None or weights.data is None or weights.data.dtype != np.float32:
        return False
    if sum(weights.id in other.inputs for other in graph.ops) != 1:
        return False
    source = graph.input(op, 0)
    return op.kind != "DEPTHWISE_CONV_2D" or (source is not None and source.shape[-1] == weights.shape[-1])


def _activation(options: Options) -> str | None:
    value = getattr(options, "activation", None)
    return None if value is None else str(getattr(value, "name", value))


def _factors(graph: Graph, first: Op, second: Op, ranges: Mapping[str, Range]) -> np.ndarray | None:
    """What each channel is divided by; None where the layers do not meet channel by channel."""
    known = ranges.get(graph.output(first).name)
    weights = _weights(graph, second)
    channels = graph.output(first).shape[-1]
    if known is None or known.channel_max.size != channels:
        return None
    if second.kind == "DEPTHWISE_CONV_2D":
        if weights.shape[-1] != channels:
            return None
        # its weights have a scale per channel: the activation may have it all
        factors = known.channel_max.astype(np.float64)
    else:
        inputs = weights.shape[-1]  # FULLY_CONNECTED (out, in), CONV_2D (out, h, w, in)
        if inputs % channels or (second.kind == "CONV_2D" and inputs != channels):
            return None
        # after a flatten, channel c is every input whose number is c modulo the channels
        largest = np.abs(weights.astype(np.float64)).reshape(-1, inputs // channels, channels).max(axis=(0, 1))
        with np.errstate(divide="ignore", invalid="ignore"):
            factors = np.sqrt(known.channel_max / largest)
    usable = np.isfinite(factors) & (factors > 0)
    if not usable.any():
        return None
    factors = np.where(usable, factors, np.median(factors[usable]))
    factors /= np.exp(np.mean(np.log(factors)))
    return np.clip(factors, 1 / _LARGEST, _LARGEST)


def _weights(graph: Graph, op: Op) -> np.ndarray:
    data = graph.tensor(op.inputs[1]).data
    assert data is not None
    return data


def _divide_outputs(graph: Graph, model: Any, op: Op, factors: np.ndarray) -> None:
    """Weights (out, ...) and biases of each output channel by its factor; a depthwise kernel has channels last."""
    shape = (1, 1, 1, -1) if op.kind == "DEPTHWISE_CONV_2D" else (-1, *(1,) * (_weights(graph, op).ndim - 1))
    _scale(model, graph.tensor(op.inputs[1]), 1 / factors.reshape(shape))
    bias = graph.input(op, 2)
    if bias is not None and bias.data is not None:
        _scale(model, bias, 1 / factors)


def _multiply_inputs(graph: Graph, model: Any, op: Op, factors: np.ndarray) -> None:
    repeat = _weights(graph, op).shape[-1] // factors.size
    _scale(model, graph.tensor(op.inputs[1]), np.tile(factors, repeat))


def _scale(model: Any, tensor: Tensor, factors: np.ndarray) -> None:
    """Multiply a constant in the file; of two layers that scale one tensor both count."""
    place = model.subgraphs[0].tensors[tensor.id]
    old = np.frombuffer(np.asarray(model.buffers[place.buffer].data, np.uint8).tobytes(), np.float32)
    new = (old.reshape(tensor.shape).astype(np.float64) * factors).astype(np.float32)
    buffer = type(model.buffers[0])()
    buffer.data = np.frombuffer(new.tobytes(), np.uint8)
    model.buffers.append(buffer)  # not in place: equal constants can share a buffer
    model.buffers[place.buffer].data = None if _alone(model, place) else model.buffers[place.buffer].data
    place.buffer = len(model.buffers) - 1


def _alone(model: Any, place: Any) -> bool:
    return len([t for t in model.subgraphs[0].tensors if t.buffer == place.buffer]) == 1
