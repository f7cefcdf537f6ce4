"""Small networks in plain numpy: layers with forward and backward passes, and Adam.

Arrays are float32; images are NHWC. A signal over time is an image of height 1: (N, 1, time, channels).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Pair = tuple[int, int]
"""Along height, along width (or time)."""


class Layer:
    """Something with parameters. ``forward`` keeps what ``backward`` needs; ``backward`` fills ``gradients``."""

    name: str
    parameters: list[np.ndarray]
    gradients: list[np.ndarray]

    def __init__(self, name: str) -> None:
        self.name = name
        self.parameters = []
        self.gradients = []

    def forward(self, x: np.ndarray) -> np.ndarray:
        """The layer's output for a batch."""
        raise NotImplementedError

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """The loss's gradient by the input, from that by the output."""
        raise NotImplementedError


class Convolution(Layer):
    """What both convolutions share: SAME padding, ReLU. One matrix product (or product) for each tap of the kernel."""

    stride: Pair

    def __init__(self, name: str, weights: np.ndarray, channels: int, stride: Pair) -> None:
        super().__init__(name)
        self.parameters = [weights, np.zeros(channels, np.float32)]
        self.stride = stride

    def _tap(self, x: np.ndarray, weights: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def _tap_backward(self, x: np.ndarray, weights: np.ndarray, dy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Gradients by the weights and by ``x``."""
        raise NotImplementedError

    def _windows(self, output: Sequence[int]) -> list[tuple[int, int, tuple[slice, ...]]]:
        """Every tap, with the part of the padded input that it meets."""
        height, width = self.parameters[0].shape[:2]
        down, right = self.stride
        return [
            (
                i,
                j,
                (
                    slice(None),
                    slice(i, i + (output[0] - 1) * down + 1, down),
                    slice(j, j + (output[1] - 1) * right + 1, right),
                ),
            )
            for i in range(height)
            for j in range(width)
        ]

    def forward(self, x: np.ndarray) -> np.ndarray:
        weights, bias = self.parameters
        self._margins = [
            same_padding(n, k, s) for n, k, s in zip(x.shape[1:3], weights.shape[:2], self.stride, strict=True)
        ]
        self._padded = np.pad(x, ((0, 0), *self._margins, (0, 0)))
        output = [-(-n // s) for n, s in zip(x.shape[1:3], self.stride, strict=True)]
        y = bias + sum(self._tap(self._padded[part], weights[i, j]) for i, j, part in self._windows(output))
        self._active = y > 0
        return np.asarray(y * self._active)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        weights, _ = self.parameters
        dy = dy * self._active
        dweights = np.empty_like(weights)
        dpadded = np.zeros_like(self._padded)
        for i, j, part in self._windows(dy.shape[1:3]):
            dweights[i, j], dx = self._tap_backward(self._padded[part], weights[i, j], dy)
            dpadded[part] += dx
        self.gradients = [dweights, dy.sum((0, 1, 2))]
        (top, bottom), (left, right) = self._margins
        height, width = dpadded.shape[1:3]
        return dpadded[:, top : height - bottom, left : width - right]


def same_padding(size: int, kernel: int, stride: int) -> Pair:
    """Zeros before and after, as TensorFlow's SAME: the output has ceil(size / stride) elements."""
    missing = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return missing // 2, missing - missing // 2


class Conv2D(Convolution):
    """Weights (height, width, inputs, outputs)."""

    def __init__(
        self, name: str, kernel: Pair, inputs: int, outputs: int, rng: np.random.Generator, stride: Pair = (1, 1)
    ) -> None:
        shape = (*kernel, inputs, outputs)
        super().__init__(name, _he_normal(rng, shape, kernel[0] * kernel[1] * inputs), outputs, stride)

    def _tap(self, x: np.ndarray, weights: np.ndarray) -> np.ndarray:
        return np.asarray(x @ weights)

    def _tap_backward(self, x: np.ndarray, weights: np.ndarray, dy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return x.reshape(-1, x.shape[-1]).T @ dy.reshape(-1, dy.shape[-1]), dy @ weights.T


class DepthwiseConv2D(Convolution):
    """Weights (height, width, channels)."""

    def __init__(self, name: str, kernel: Pair, channels: int, rng: np.random.Generator, stride: Pair = (1, 1)) -> None:
        super().__init__(name, _he_normal(rng, (*kernel, channels), kernel[0] * kernel[1]), channels, stride)

    def _tap(self, x: np.ndarray, weights: np.ndarray) -> np.ndarray:
        return x * weights

    def _tap_backward(self, x: np.ndarray, weights: np.ndarray, dy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return (x * dy).sum((0, 1, 2)), dy * weights


class MaxPool2x2(Layer):
    """The largest of every 2x2 pixels. Of equal ones each gets its share of the gradient."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        n, height, width, channels = x.shape
        blocks = x.reshape(n, height // 2, 2, width // 2, 2, channels)
        y = blocks.max((2, 4))
        winners = blocks == y[:, :, None, :, None, :]
        self._shares = winners / winners.sum((2, 4), keepdims=True, dtype=np.float32)
        return np.asarray(y)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        n, height, width, channels = dy.shape
        return np.asarray(self._shares * dy[:, :, None, :, None, :]).reshape(n, 2 * height, 2 * width, channels)


class GlobalAveragePool(Layer):
    """The mean of all pixels: (N, height, width, channels) to (N, 1, 1, channels)."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        self._shape = x.shape
        return np.asarray(x.mean((1, 2), keepdims=True))

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return np.broadcast_to(dy / np.float32(self._shape[1] * self._shape[2]), self._shape)


class Dense(Layer):
    """Weights (inputs, outputs); flattens its input. ReLU only where asked for."""

    relu: bool

    def __init__(self, name: str, inputs: int, outputs: int, rng: np.random.Generator, relu: bool = False) -> None:
        super().__init__(name)
        self.parameters = [_he_normal(rng, (inputs, outputs), inputs), np.zeros(outputs, np.float32)]
        self.relu = relu

    def forward(self, x: np.ndarray) -> np.ndarray:
        self._shape = x.shape
        self._flat = x.reshape(len(x), -1)
        y = self._flat @ self.parameters[0] + self.parameters[1]
        if self.relu:
            self._active = y > 0
            y = y * self._active
        return np.asarray(y)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        if self.relu:
            dy = dy * self._active
        self.gradients = [self._flat.T @ dy, dy.sum(0)]
        return (dy @ self.parameters[0].T).reshape(self._shape)


def _he_normal(rng: np.random.Generator, shape: Sequence[int], fan_in: int) -> np.ndarray:
    """He et al. 2015, "Delving Deep into Rectifiers": variance 2 / fan-in keeps activations alive through ReLU."""
    return (rng.standard_normal(shape) * np.sqrt(2.0 / fan_in)).astype(np.float32)


def run(layers: Sequence[Layer], x: np.ndarray) -> list[np.ndarray]:
    """The input and the output of every layer."""
    values = [x]
    for layer in layers:
        values.append(layer.forward(values[-1]))
    return values


def predict(layers: Sequence[Layer], x: np.ndarray, batch: int = 256) -> np.ndarray:
    """The last layer's output, (N, ...), in batches: memory does not grow with N."""
    return np.concatenate([run(layers, x[i : i + batch])[-1] for i in range(0, len(x), batch)])


class Adam:
    """Kingma and Ba 2015, with the paper's constants, and decoupled weight decay on everything but biases."""

    def __init__(self, layers: Sequence[Layer], weight_decay: float) -> None:
        self._layers = layers
        self._decay = weight_decay
        self._moments = [[(np.zeros_like(p), np.zeros_like(p)) for p in layer.parameters] for layer in layers]
        self._step = 0

    def step(self, rate: float) -> None:
        """Move all parameters along their gradients."""
        self._step += 1
        for layer, moments in zip(self._layers, self._moments, strict=True):
            for p, g, (m, v) in zip(layer.parameters, layer.gradients, moments, strict=True):
                m += 0.1 * (g - m)
                v += 0.001 * (g * g - v)
                if p.ndim > 1:
                    p -= rate * self._decay * p
                p -= rate * (m / (1 - 0.9**self._step)) / (np.sqrt(v / (1 - 0.999**self._step)) + 1e-8)
