"""Random networks that begin with a stage over images, for patches: windows of all kinds, borders, sums of branches."""

from __future__ import annotations

import numpy as np

from compiler.chain_models import Network, Value
from support.tflite_builder import ModelBuilder
from tinykit.compiler import Target
from tinykit.compiler.passes import run_passes
from tinykit.compiler.patches import lay_out
from tinykit.compiler.patches.stage import stages
from tinykit.compiler.subgraphs import lower_graph
from tinykit.graph.reader import parse_model


def stage_network(rng: np.random.Generator, dtype: str) -> ModelBuilder:
    """One image, some layers that can be computed by rows, and an end that is an image or a dense layer."""
    net = Network(rng, dtype, dead=0.1)
    x = net.input((1, int(rng.integers(9, 25)), int(rng.integers(4, 10)), int(rng.choice([1, 2, 3, 4]))))
    x = net.convolution(x, depthwise=False, channels=int(rng.choice([3, 4, 8])))
    for _ in range(int(rng.integers(1, 4))):
        x = _layer(net, x)
    if rng.random() < 0.5:
        x = net.dense(x, int(rng.integers(1, 12)))
    net.model.outputs.append(x.tensor)
    return net.model


def _layer(net: Network, x: Value) -> Value:
    rng = net.rng
    kind = rng.choice(["conv", "depthwise", "pool", "residual", "pad", "relu", "dilated"])
    if kind == "conv" and min(x.shape[1:3]) >= 3:
        return net.convolution(x, depthwise=False, channels=int(rng.choice([2, 5, 8])))
    if kind == "depthwise" and min(x.shape[1:3]) >= 3:
        return net.convolution(x, depthwise=True)
    if kind == "pool" and min(x.shape[1:3]) >= 2:
        return net.pool(x)
    if kind == "residual":
        y = net.convolution(x, depthwise=False, channels=6, plain=True)
        y = net.convolution(y, depthwise=True, plain=True)
        y = net.convolution(y, depthwise=False, channels=x.shape[3], plain=True)
        return net.add(x, y) if rng.random() < 0.5 else net.add(y, x)
    if kind == "pad":
        return _pad(net, x)
    if kind == "dilated" and x.shape[1] >= 5:
        return _dilated(net, x)
    y = net.new(x.shape, x.quant)
    net.model.op("RELU", [x.tensor], [y.tensor])
    return net.convolution(y, depthwise=False, channels=4, plain=True)


def _pad(net: Network, x: Value) -> Value:
    """A PAD that is read twice, so that it stays an operator of its own."""
    amounts = net.rng.integers(0, 3, (4, 2)).astype(np.int32)
    amounts[0] = amounts[3] = 0
    shape = tuple(int(size + row.sum()) for size, row in zip(x.shape, amounts, strict=True))
    y = net.new(shape, x.quant)
    net.model.op("PAD", [x.tensor, net.model.const(amounts)], [y.tensor])
    return net.add(net.convolution(y, depthwise=False, channels=shape[3], plain=True), y)


def _dilated(net: Network, x: Value) -> Value:
    """A convolution whose window skips rows."""
    channels = x.shape[3]
    y = net.new(x.shape, x.quant)
    if net.dtype == "float32":
        w = net.model.const((net.rng.standard_normal((channels, 3, 1, channels)) * 0.3).astype(np.float32))
    else:
        values = net.rng.integers(-127, 128, (channels, 3, 1, channels)).astype(np.int8)
        w = net.model.const(values, scale=np.full(channels, 0.004, np.float32), zero_point=0, axis=0)
    net.model.op(
        "CONV_2D",
        [x.tensor, w],
        [y.tensor],
        padding="SAME",
        stride_h=1,
        stride_w=1,
        dilation_h_factor=2,
        dilation_w_factor=1,
        fused_activation_function="NONE",
    )
    return y


def chain(rng: np.random.Generator, height: int) -> ModelBuilder:
    """A network as for images: its first values are much larger than its input and its later ones."""
    net = Network(rng, "int8", dead=0)
    x = net.input((1, height, height, 3))
    x = net.convolution(x, depthwise=False, channels=16, plain=True)
    x = net.convolution(x, depthwise=True, plain=True)
    x = net.convolution(x, depthwise=False, channels=24, plain=True)
    x = net.pool(net.pool(x))
    x = net.convolution(x, depthwise=False, channels=12, plain=True)
    net.model.outputs.append(net.dense(x, 4).tensor)
    return net.model


def most_patches(tflite: bytes) -> int:
    """Rows of the highest stage's result: no model can be computed in more patches."""
    graph = parse_model(tflite, name="model", where="model")
    whole = lay_out(run_passes(graph), lower_graph(run_passes(graph), Target(), "model")[1], "speed")
    without_code = {place for place, entry in enumerate(whole.lowered) if not entry.calls}
    return max(stage.height for stage in stages(whole.graph.with_ops(whole.ops), without_code))
