"""How many bytes of parameters the Edge TPU holds for a layer: an estimate.

The layout is not documented. The formula for layers with weights comes from what 81 compiled graphs hold, cached and
streamed: within 2 % of 64, within 5 % of 76. That for SOFTMAX comes from published pairs with 1,001 classes, which hold
47,936 to 48,256 bytes more than their layers. Constants of element-wise operators, LSTM and PRELU are not in it.
"""

from __future__ import annotations

from tinykit.graph.types import Graph, Op

FORMULA = "(kh*kw*ceil4(cin) + b)*P(cout), b = 8 per channel, 4 per tensor; depthwise: cin = 1; SOFTMAX: 48 each class"
NOT_COUNTED = frozenset({"UNIDIRECTIONAL_SEQUENCE_LSTM", "LSTM", "PRELU"})
"""Operators with parameters that the formula does not know."""
_SOFTMAX_BYTES = 48
"""For each class."""


def parameter_bytes(graph: Graph, op: Op) -> int:
    """Estimated bytes of the layer's parameters in the Edge TPU's memory; 0 for operators without any."""
    if op.kind == "SOFTMAX":
        classes = graph.output(op).shape[-1:]
        return sum(_SOFTMAX_BYTES * _rounded(count, 4) for count in classes)
    weights = graph.input(op, 1)
    if weights is None or not weights.is_constant:
        return 0
    shape = weights.shape
    if op.kind in ("CONV_2D", "TRANSPOSE_CONV") and len(shape) == 4:
        channels, height, width, depth = shape
        taps = height * width * _rounded(depth, 4)
    elif op.kind == "DEPTHWISE_CONV_2D" and len(shape) == 4:
        _, height, width, channels = shape
        taps = height * width * _rounded(1, 4)
    elif op.kind == "FULLY_CONNECTED" and len(shape) == 2:
        channels, depth = shape
        taps = _rounded(depth, 4)
    else:
        return 0
    per_channel = weights.quant is not None and weights.quant.per_channel
    return (taps + (8 if per_channel else 4)) * _padded(channels)


def _rounded(count: int, step: int) -> int:
    return -(-count // step) * step


def _padded(channels: int) -> int:
    """Output channels as they lie in memory: 16, 32, or a multiple of 64."""
    return next((size for size in (16, 32) if channels <= size), _rounded(channels, 64))
