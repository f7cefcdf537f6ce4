"""What passes need to know of int8 operators that sum products."""

from __future__ import annotations

from dataclasses import dataclass

from tinykit.compiler.kernels.base import LowerContext, Refusal, Target
from tinykit.compiler.kernels.checks import int8_clamp
from tinykit.compiler.kernels.fully_connected import dense_multipliers
from tinykit.compiler.kernels.sums import SumLayer, sum_layer
from tinykit.compiler.kernels.window import window_axes
from tinykit.graph.options import Conv2DOptions, DepthwiseConv2DOptions, FullyConnectedOptions
from tinykit.graph.types import DType, Graph, Op


@dataclass(frozen=True)
class SumOp:
    """A CONV_2D, FULLY_CONNECTED, or DEPTHWISE_CONV_2D of depth multiplier 1, int8 and sound.

    Attributes:
        layer: its filters have a last axis of input channels, but for depthwise ones.
        depthwise: each filter belongs to one input channel.
        border: some window reaches outside of the input, where it finds the zero point.
        pairs: (multiplier, shift) for each output channel.
        low, high: bounds of the output.
    """

    layer: SumLayer
    depthwise: bool
    border: bool
    pairs: list[tuple[int, int]]
    low: int
    high: int


def sum_op(graph: Graph, op: Op) -> SumOp | None:
    """The operator, or None if it is another, or none that can be compiled."""
    if not op.outputs:
        return None
    try:
        return _sum_op(LowerContext(graph, Target()), op)
    except Refusal:
        return None


def _sum_op(ctx: LowerContext, op: Op) -> SumOp | None:
    options = op.options
    source, target = ctx.graph.input(op, 0), ctx.graph.output(op)
    if source is None or source.dtype is not DType.INT8 or target.dtype is not DType.INT8:
        return None
    border = False
    if isinstance(options, FullyConnectedOptions):
        layer = sum_layer(ctx, op, options.activation, dimensions=2, channel_axis=0)
        units, depth = layer.filters.shape
        if depth == 0 or source.size % depth or target.size != source.size // depth * units:
            return None
        pairs = dense_multipliers(layer)
        pairs = pairs if len(pairs) > 1 else pairs * layer.channels
    elif isinstance(options, (Conv2DOptions, DepthwiseConv2DOptions)):
        depthwise = isinstance(options, DepthwiseConv2DOptions)
        layer = sum_layer(ctx, op, options.activation, dimensions=4, channel_axis=3 if depthwise else 0)
        window = (layer.weights.shape[1], layer.weights.shape[2])
        axes = window_axes(source, target, window, options.stride, options.dilation, options.padding)
        channels = (layer.channels, source.shape[3])
        if channels != ((target.shape[3], target.shape[3]) if depthwise else (target.shape[3], layer.filters.shape[3])):
            return None
        border = any(axis.touches_border for axis in axes)
        pairs = layer.multipliers()
    else:
        return None
    layer.folded_bias()
    low, high = int8_clamp(layer.activation, target)
    return SumOp(layer, isinstance(options, DepthwiseConv2DOptions), border, pairs, low, high)
