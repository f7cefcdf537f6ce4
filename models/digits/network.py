"""A small convolutional network in plain numpy: forward, backward, Adam. Arrays are float32, images NHWC."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


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


class _Convolution(Layer):
    """What both convolutions share: square kernel, stride 1, SAME padding, ReLU. One matrix product per tap."""

    def __init__(self, name: str, weights: np.ndarray, channels: int) -> None:
        super().__init__(name)
        self.parameters = [weights, np.zeros(channels, np.float32)]
        self._margin = weights.shape[0] // 2

    def _tap(self, x: np.ndarray, weights: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def _tap_backward(self, x: np.ndarray, weights: np.ndarray, dy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Gradients by the weights and by ``x``."""
        raise NotImplementedError

    def _pad(self, x: np.ndarray) -> np.ndarray:
        m = self._margin
        return np.pad(x, ((0, 0), (m, m), (m, m), (0, 0)))

    def forward(self, x: np.ndarray) -> np.ndarray:
        weights, bias = self.parameters
        height, width = x.shape[1:3]
        self._padded = self._pad(x)
        y = bias + sum(
            self._tap(self._padded[:, i : i + height, j : j + width], weights[i, j])
            for i in range(weights.shape[0])
            for j in range(weights.shape[1])
        )
        self._active = y > 0
        return np.asarray(y * self._active)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        weights, _ = self.parameters
        dy = dy * self._active
        height, width = dy.shape[1:3]
        dweights = np.empty_like(weights)
        dpadded = np.zeros_like(self._padded)
        for i in range(weights.shape[0]):
            for j in range(weights.shape[1]):
                window = (slice(None), slice(i, i + height), slice(j, j + width))
                dweights[i, j], dx = self._tap_backward(self._padded[window], weights[i, j], dy)
                dpadded[window] += dx
        self.gradients = [dweights, dy.sum((0, 1, 2))]
        m = self._margin
        return dpadded[:, m : m + height, m : m + width]


class Conv2D(_Convolution):
    """Weights (size, size, inputs, outputs)."""

    def __init__(self, name: str, size: int, inputs: int, outputs: int, rng: np.random.Generator) -> None:
        super().__init__(name, _he_normal(rng, (size, size, inputs, outputs), size * size * inputs), outputs)

    def _tap(self, x: np.ndarray, weights: np.ndarray) -> np.ndarray:
        return x @ weights

    def _tap_backward(self, x: np.ndarray, weights: np.ndarray, dy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return x.reshape(-1, x.shape[-1]).T @ dy.reshape(-1, dy.shape[-1]), dy @ weights.T


class DepthwiseConv2D(_Convolution):
    """Weights (size, size, channels)."""

    def __init__(self, name: str, size: int, channels: int, rng: np.random.Generator) -> None:
        super().__init__(name, _he_normal(rng, (size, size, channels), size * size), channels)

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


class Dense(Layer):
    """Weights (inputs, outputs); flattens its input."""

    def __init__(self, name: str, inputs: int, outputs: int, rng: np.random.Generator) -> None:
        super().__init__(name)
        self.parameters = [_he_normal(rng, (inputs, outputs), inputs), np.zeros(outputs, np.float32)]

    def forward(self, x: np.ndarray) -> np.ndarray:
        self._shape = x.shape
        self._flat = x.reshape(len(x), -1)
        return np.asarray(self._flat @ self.parameters[0] + self.parameters[1])

    def backward(self, dy: np.ndarray) -> np.ndarray:
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


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities along the last axis."""
    e = np.exp(logits - logits.max(-1, keepdims=True))
    return np.asarray(e / e.sum(-1, keepdims=True))


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
