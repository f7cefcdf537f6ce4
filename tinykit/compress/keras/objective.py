"""What training minimises: the labels, and what a teacher says."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinykit.compress.network import Data
from tinykit.convert.keras import load_tensorflow
from tinykit.convert.quiet import quiet

_TINY = 1e-7
"""Probabilities below it count as it: a logarithm has to be finite."""


class Objective:
    """A loss over a model's output.

    Attributes:
        targets: (N, 2, outputs) float32: the labels (one-hot, or values), then the teacher's answer (probabilities at
            ``temperature``, or values; zeros without a teacher).

    Args:
        ends_in: the activation behind the output: "softmax", "sigmoid" or "linear".
        answers: the teacher's outputs (N, outputs), from a model that ends in ``teacher_ends_in``.
        soft: weight of the teacher; the labels have the rest.
    """

    def __init__(
        self,
        data: Data,
        outputs: int,
        ends_in: str,
        *,
        answers: np.ndarray | None = None,
        teacher_ends_in: str = "linear",
        temperature: float = 1.0,
        soft: float = 0.0,
    ) -> None:
        tensorflow, _ = load_tensorflow("Keras models")
        self._tf = tensorflow
        self._task, self._ends_in = data.task, ends_in
        self._temperature, self._soft = temperature, soft if answers is not None else 0.0
        hard = _hard(data, outputs)
        taught = np.zeros_like(hard)
        if answers is not None:
            flat = answers.reshape(len(answers), -1)
            if data.task == "values":
                taught = flat.astype(np.float32)
            else:
                logits = self._logarithms(tensorflow.constant(flat), teacher_ends_in) / temperature
                taught = np.asarray(tensorflow.nn.softmax(logits), np.float32)
        self.targets: np.ndarray = np.stack([hard, taught], axis=1)

    def __call__(self, output: Any, targets: Any) -> Any:
        """The mean loss of a batch; ``targets`` are rows of ``self.targets``."""
        tf = self._tf
        output = tf.reshape(output, [tf.shape(output)[0], -1])
        hard, taught = targets[:, 0], targets[:, 1]
        if self._task == "values":
            loss = tf.reduce_mean((output - hard) ** 2)
            return loss * (1 - self._soft) + self._soft * tf.reduce_mean((output - taught) ** 2)
        logits = self._logarithms(output, self._ends_in)
        loss = -tf.reduce_mean(tf.reduce_sum(hard * tf.nn.log_softmax(logits), axis=-1))
        if self._soft:
            # T^2 keeps the gradients' size independent of the temperature (Hinton et al. 2015)
            given = tf.nn.log_softmax(logits / self._temperature)
            distance = -tf.reduce_mean(tf.reduce_sum(taught * given, axis=-1)) * self._temperature**2
            loss = loss * (1 - self._soft) + self._soft * distance
        return loss

    def _logarithms(self, output: Any, ends_in: str) -> Any:
        """Logits, or what differs from them by a constant; two columns for a single probability."""
        tf = self._tf
        if ends_in == "sigmoid" and self._task == "binary":
            output = tf.concat([1 - output, output], axis=-1)
        return tf.math.log(tf.clip_by_value(output, _TINY, 1.0)) if ends_in in ("softmax", "sigmoid") else output


def _hard(data: Data, outputs: int) -> np.ndarray:
    if data.task == "values":
        return np.asarray(data.y, np.float32)
    return np.asarray(np.eye(2 if data.task == "binary" else outputs, dtype=np.float32)[data.y])


def ends_in(model: Any) -> str:
    """The activation behind a flat model's output: "softmax", "sigmoid", or "linear" for anything else."""
    operation = model.outputs[0]._keras_history.operation
    while type(operation).__name__ in ("Reshape", "Flatten", "Identity", "FakeQuant"):
        operation = operation.input._keras_history.operation
    if type(operation).__name__ == "Softmax":
        return "softmax"
    name = getattr(getattr(operation, "activation", None), "__name__", "linear")
    return str(name) if name in ("softmax", "sigmoid") else "linear"


def outputs_of(model: Any, data: Data) -> np.ndarray:
    """A model's outputs for all samples, (N, outputs)."""
    x = data.x[0] if len(data.x) == 1 else list(data.x)
    with quiet():
        found = np.asarray(model.predict(x, batch_size=256, verbose=0), np.float32)
    return np.asarray(found.reshape(data.size, -1))
