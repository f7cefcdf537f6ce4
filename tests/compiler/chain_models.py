"""Random networks: convolutions, pooling, additions across layers, concatenations. Valid by construction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from compiler.kernels.conv_models import int8_scales, out_size
from support.tflite_builder import ModelBuilder


@dataclass(frozen=True)
class Value:
    """A tensor under construction. ``quant`` is empty for float32."""

    tensor: int
    shape: tuple[int, ...]
    quant: dict[str, float]


class Network:
    """Adds layers to a model.

    Attributes:
        dead: the probability that a filter of a layer is zero.
    """

    def __init__(self, rng: np.random.Generator, dtype: str, dead: float) -> None:
        self.rng = rng
        self.dtype = dtype
        self.dead = dead
        self.model = ModelBuilder()

    def input(self, shape: tuple[int, ...]) -> Value:
        quant = self.quantization(0.1)
        return Value(self.model.input(shape, self.dtype, **quant), shape, quant)

    def quantization(self, scale: float) -> dict[str, float]:
        if self.dtype == "float32":
            return {}
        zero_point = int(self.rng.choice([-128, 0, 127, *self.rng.integers(-128, 128, 2)]))
        return {"scale": float(np.float32(scale)), "zero_point": zero_point}

    def new(self, shape: tuple[int, ...], quant: dict[str, float]) -> Value:
        return Value(self.model.tensor(shape, self.dtype, **quant), shape, quant)

    def convolution(self, x: Value, *, depthwise: bool, channels: int = 0, plain: bool = False) -> Value:
        """A CONV_2D, or a DEPTHWISE_CONV_2D; ``plain`` ones keep height and width."""
        rng = self.rng
        batch, height, width, in_c = x.shape
        out_c = in_c if depthwise else channels
        k_h, k_w = (int(v) for v in rng.choice([1, 3, 3, 2], 2))
        stride = 1 if plain else int(rng.choice([1, 1, 2]))
        padding = "SAME" if plain or min(height, width) < 3 else str(rng.choice(["SAME", "VALID"]))
        sizes = [out_size(s, k, stride, 1, padding) for s, k in ((height, k_h), (width, k_w))]
        shape = (1, k_h, k_w, out_c) if depthwise else (out_c, k_h, k_w, in_c)
        dead = rng.random(out_c) < self.dead
        keep = ~dead if depthwise else ~dead[:, None, None, None]
        ignored = rng.random(in_c) < self.dead / 2 if not depthwise else np.zeros(1, bool)
        if self.dtype == "float32":
            quant: dict[str, float] = {}
            w = self.model.const((rng.standard_normal(shape) * 0.3 * keep * ~ignored).astype(np.float32))
            b = self.model.const(rng.standard_normal(out_c).astype(np.float32))
        else:
            scales = int8_scales(rng, out_c, per_channel=bool(rng.random() < 0.7))
            taps = int(np.prod(shape)) / out_c
            quant = self.quantization(
                x.quant["scale"] * float(np.median(scales)) * np.sqrt(taps) * 2.0 ** rng.uniform(4, 7)
            )
            weights = rng.integers(-127, 128, shape) * keep * ~ignored
            w = self.model.const(weights.astype(np.int8), scale=scales, zero_point=0, axis=3 if depthwise else 0)
            # Biases of dead channels lie everywhere, as converters' do.
            bias = np.where(dead, rng.integers(-(2**20), 2**20, out_c), rng.integers(-9000, 9000, out_c))
            b = self.model.const(bias.astype(np.int32), scale=np.float32(x.quant["scale"]) * scales, zero_point=0)
        y = self.new((batch, *sizes, out_c), quant)
        options = {
            "padding": padding,
            "stride_h": stride,
            "stride_w": stride,
            "fused_activation_function": str(rng.choice(["NONE", "RELU", "RELU6"])),
        }
        if depthwise:
            options["depth_multiplier"] = 1
        inputs = [x.tensor, w, b] if rng.random() < 0.9 else [x.tensor, w]
        self.model.op("DEPTHWISE_CONV_2D" if depthwise else "CONV_2D", inputs, [y.tensor], **options)
        return y

    def pool(self, x: Value) -> Value:
        kind = str(self.rng.choice(["AVERAGE_POOL_2D", "MAX_POOL_2D"]))
        padding = "SAME" if min(x.shape[1:3]) < 2 else str(self.rng.choice(["SAME", "VALID"]))
        stride = int(self.rng.choice([1, 2]))
        sizes = [out_size(s, 2, stride, 1, padding) for s in x.shape[1:3]]
        y = self.new((x.shape[0], *sizes, x.shape[3]), x.quant)
        self.model.op(
            kind,
            [x.tensor],
            [y.tensor],
            padding=padding,
            stride_h=stride,
            stride_w=stride,
            filter_height=2,
            filter_width=2,
            fused_activation_function=str(self.rng.choice(["NONE", "RELU"])),
        )
        return y

    def add(self, a: Value, b: Value) -> Value:
        scale = 1.5 * max(a.quant.get("scale", 1.0), b.quant.get("scale", 1.0))
        y = self.new(a.shape, self.quantization(scale))
        activation = str(self.rng.choice(["NONE", "RELU"]))
        self.model.op("ADD", [a.tensor, b.tensor], [y.tensor], fused_activation_function=activation)
        return y

    def dense(self, x: Value, units: int) -> Value:
        depth = int(np.prod(x.shape[1:]))
        flat = self.new((x.shape[0], depth), x.quant)
        shape = self.model.const(np.array([x.shape[0], depth], np.int32))
        self.model.op("RESHAPE", [x.tensor, shape], [flat.tensor], new_shape=[x.shape[0], depth])
        keep = self.rng.random((units, 1)) >= self.dead
        if self.dtype == "float32":
            w = self.model.const((self.rng.standard_normal((units, depth)) * 0.3 * keep).astype(np.float32))
            quant: dict[str, float] = {}
        else:
            w = self.model.const(
                (self.rng.integers(-127, 128, (units, depth)) * keep).astype(np.int8), scale=0.01, zero_point=0
            )
            quant = self.quantization(x.quant["scale"] * 0.01 * np.sqrt(depth) * 40)
        y = self.new((x.shape[0], units), quant)
        self.model.op("FULLY_CONNECTED", [flat.tensor, w], [y.tensor], fused_activation_function="NONE")
        return y

    def mean(self, x: Value) -> Value:
        y = self.new((x.shape[0], x.shape[3]), self.quantization(x.quant.get("scale", 1.0)))
        axes = self.model.const(np.array([1, 2], np.int32))
        self.model.op("MEAN", [x.tensor, axes], [y.tensor], keep_dims=False)
        return y


def random_network(rng: np.random.Generator, dtype: str, *, dead: float = 0.0) -> ModelBuilder:
    """A few blocks of layers, in some a sum of two ways, and an end that is an image, a mean or a dense layer."""
    net = Network(rng, dtype, dead)
    height, width = (int(v) for v in rng.integers(4, 13, 2))
    x = net.input((int(rng.choice([1, 1, 2])), height, width, int(rng.choice([1, 3, 4]))))
    for _ in range(int(rng.integers(1, 4))):
        x = net.convolution(x, depthwise=False, channels=int(rng.choice([2, 4, 5, 8, 12])))
        if rng.random() < 0.6:
            x = net.convolution(x, depthwise=True)
        if rng.random() < 0.5:
            before = x
            x = net.convolution(x, depthwise=False, channels=int(rng.choice([4, 9])), plain=True)
            x = net.convolution(x, depthwise=True, plain=True)
            x = net.convolution(x, depthwise=False, channels=before.shape[3], plain=True)
            x = net.add(before, x) if rng.random() < 0.5 else net.add(x, before)
        if min(x.shape[1:3]) >= 2 and rng.random() < 0.4:
            x = net.pool(x)
    end = rng.choice(["image", "mean", "dense"])
    if end == "mean":
        x = net.mean(x)
    if end == "dense":
        x = net.dense(x, int(rng.integers(1, 12)))
    net.model.outputs.append(x.tensor)
    return net.model
