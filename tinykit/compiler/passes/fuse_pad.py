"""Folds a spatial PAD into the VALID convolution that alone reads it.

Sound because both pad with real zero: PAD writes the zero point, and a convolution's border counts as zero point.
"""

from __future__ import annotations

from dataclasses import replace

from tinykit.compiler.passes.uses import producer, read_only_by, same_quantization
from tinykit.graph.options import Conv2DOptions, DepthwiseConv2DOptions, Margins, Padding
from tinykit.graph.types import Graph, Op


def fuse_pad(graph: Graph) -> Graph:
    """The graph with PADs over height and width folded into CONV_2D and DEPTHWISE_CONV_2D."""
    for op in graph.ops:
        if not isinstance(op.options, (Conv2DOptions, DepthwiseConv2DOptions)):
            continue
        if op.options.padding is not Padding.VALID:
            continue
        pad = producer(graph, op.inputs[0])
        if pad is None or pad.kind != "PAD" or not read_only_by(graph, pad.outputs[0], op):
            continue
        margins = _margins(graph, pad)
        if margins is None:
            continue
        fused = replace(
            op,
            inputs=(pad.inputs[0], *op.inputs[1:]),
            options=replace(op.options, padding=margins),
        )
        graph = graph.with_ops(tuple(fused if o.index == op.index else o for o in graph.ops if o.index != pad.index))
    return graph


def _margins(graph: Graph, pad: Op) -> Margins | None:
    amounts = graph.input(pad, 1)
    source = graph.tensor(pad.inputs[0])
    if amounts is None or amounts.data is None or len(source.shape) != 4 or amounts.shape != (4, 2):
        return None
    if not same_quantization(source, graph.output(pad)):
        return None
    rows = [[int(v) for v in row] for row in amounts.data]
    if rows[0] != [0, 0] or rows[3] != [0, 0] or min(min(rows[1]), min(rows[2])) < 0:
        return None
    return Margins(rows[1][0], rows[1][1], rows[2][0], rows[2][1])
