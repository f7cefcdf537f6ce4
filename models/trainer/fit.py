"""The training loop, and what it can minimise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from trainer.network import Adam, Layer, run

Loss = Callable[[np.ndarray, np.ndarray], tuple[float, np.ndarray]]
"""From the network's output and the targets of a batch: the mean loss, and its gradient by the output."""


@dataclass(frozen=True)
class Schedule:
    """How long and how fast. The learning rate falls to zero along a cosine."""

    epochs: int
    batch: int
    learning_rate: float
    weight_decay: float


def fit(
    layers: Sequence[Layer],
    x: np.ndarray,
    targets: np.ndarray,
    loss: Loss,
    schedule: Schedule,
    rng: np.random.Generator,
) -> None:
    """Minimise ``loss`` with Adam; prints ten lines or fewer.

    Args:
        x, targets: samples along the first axis; those left over after the last whole batch wait for another epoch.
    """
    optimizer = Adam(layers, schedule.weight_decay)
    batches = len(x) // schedule.batch
    every = max(1, schedule.epochs // 4)
    for epoch in range(schedule.epochs):
        order = rng.permutation(len(x))
        mean = 0.0
        for batch in range(batches):
            chosen = order[batch * schedule.batch : (batch + 1) * schedule.batch]
            value, gradient = loss(run(layers, x[chosen])[-1], targets[chosen])
            mean += value / batches
            for layer in reversed(layers):
                gradient = layer.backward(gradient)
            progress = (epoch * batches + batch) / (schedule.epochs * batches)
            optimizer.step(schedule.learning_rate * 0.5 * (1 + np.cos(np.pi * progress)))
        if epoch % every == every - 1:
            print(f"epoch {epoch + 1:3}: loss {mean:.4f}", flush=True)


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities along the last axis."""
    e = np.exp(logits - logits.max(-1, keepdims=True))
    return np.asarray(e / e.sum(-1, keepdims=True))


def cross_entropy(logits: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
    """Of a softmax over (N, classes) logits, with integer labels (N,)."""
    probabilities = softmax(logits)
    one_hot = np.eye(logits.shape[-1], dtype=np.float32)[labels]
    value = -float(np.mean(np.log(np.sum(probabilities * one_hot, -1) + 1e-9)))
    return value, (probabilities - one_hot) / np.float32(len(logits))


def squared_error(output: np.ndarray, targets: np.ndarray) -> tuple[float, np.ndarray]:
    """Mean of (output - target)^2 over all elements."""
    difference = output - targets
    return float(np.mean(difference**2)), difference * np.float32(2 / difference.size)
