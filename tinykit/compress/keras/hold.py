"""What weights have to be after every update: zero where they were pruned, equal where they share a value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinykit.convert.keras import load_tensorflow

_ROUNDS = 30
"""Of Lloyd's algorithm: one dimension settles soon."""


class Zeros:
    """Weights of layers that stay zero. ``masks`` are variables: training changes them on the way."""

    def __init__(self, layers: Sequence[Any]) -> None:
        tensorflow, _ = load_tensorflow("Keras models")
        self._tf = tensorflow
        self.kernels = [layer.kernel for layer in layers]
        self.masks = [
            tensorflow.Variable(tensorflow.cast(k.value != 0, k.dtype), trainable=False) for k in self.kernels
        ]

    def apply(self) -> None:
        """Set to zero what is masked; traced into the training step."""
        for kernel, mask in zip(self.kernels, self.masks, strict=True):
            kernel.assign(kernel.value * mask)

    def prune(self, share: float) -> None:
        """Mask the smallest ``share`` of each layer's weights. What is zero counts as smallest, so it stays."""
        for kernel, mask in zip(self.kernels, self.masks, strict=True):
            values = np.abs(np.asarray(kernel.value))
            count = round(share * values.size)
            chosen = np.ones(values.size, np.float32)
            chosen[np.argsort(values.reshape(-1), kind="stable")[:count]] = 0
            mask.assign(chosen.reshape(values.shape))
        self.apply()


class Shared:
    """Weights that are equal now stay equal: each becomes the mean of those it shares a value with."""

    def __init__(self, layers: Sequence[Any]) -> None:
        tensorflow, _ = load_tensorflow("Keras models")
        self._tf = tensorflow
        self._parts = []
        for layer in layers:
            kernel = layer.kernel
            values, index = np.unique(np.asarray(kernel.value), return_inverse=True)
            self._parts.append((kernel, tensorflow.constant(index.reshape(-1), tensorflow.int32), len(values)))

    def apply(self) -> None:
        """Share values again; traced into the training step."""
        tf = self._tf
        for kernel, index, count in self._parts:
            means = tf.math.unsorted_segment_mean(tf.reshape(kernel.value, [-1]), index, count)
            kernel.assign(tf.reshape(tf.gather(means, index), kernel.shape))


def cluster(values: np.ndarray, clusters: int, *, keep_zeros: bool) -> np.ndarray:
    """The values with only ``clusters`` different ones: k-means from evenly spaced centres.

    Args:
        keep_zeros: zeros are a cluster of their own, one of ``clusters``.
    """
    flat = values.reshape(-1).astype(np.float64)
    moving = flat[flat != 0] if keep_zeros else flat
    count = clusters - (1 if keep_zeros and moving.size < flat.size else 0)
    if np.unique(moving).size <= count:
        return values
    centres = np.linspace(moving.min(), moving.max(), count)
    for _ in range(_ROUNDS):
        nearest = np.abs(moving[:, np.newaxis] - centres).argmin(axis=1)
        sums = np.bincount(nearest, moving, count)
        sizes = np.bincount(nearest, minlength=count)
        moved = np.where(sizes > 0, sums / np.maximum(sizes, 1), centres)
        if np.array_equal(moved, centres):
            break
        centres = moved
    result = flat.copy()
    result[flat != 0 if keep_zeros else slice(None)] = centres[np.abs(moving[:, np.newaxis] - centres).argmin(axis=1)]
    return np.asarray(result.reshape(values.shape), values.dtype)
