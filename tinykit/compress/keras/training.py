"""The training loop of all steps."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from tinykit.compress.keras.model import KerasModel
from tinykit.compress.keras.objective import Objective
from tinykit.compress.keras.quantized import round_kernel, rounded_layers
from tinykit.compress.network import Data
from tinykit.compress.recipe import Training
from tinykit.compress.schedule import cosine, shuffled
from tinykit.convert.keras import load_tensorflow
from tinykit.convert.quiet import quiet
from tinykit.errors import CheckFailed

_FOLLOW = 0.1
"""How fast activations' ranges follow the batches."""
_FROZEN = 0.6
"""Part of a quantization-aware step after which ranges stay, so that weights settle on a grid that does not move."""
_FIRST = 512
"""Samples that give activations their first ranges."""


class Held(Protocol):
    """Something that weights have to fulfil after each update."""

    def apply(self) -> None:
        """Make them."""
        ...


class KerasWork:
    """A step's training.

    Args:
        before_batch: called with the progress of the step before each update, and with 1 at its end.
    """

    def __init__(
        self,
        model: KerasModel,
        what: str,
        step: Training,
        objective: Objective,
        data: Data,
        seed: int,
        *,
        held: Sequence[Held] = (),
        before_batch: Callable[[float], None] | None = None,
    ) -> None:
        tensorflow, keras = load_tensorflow("Keras models")
        self.what = what
        self._result, self._model = model, model.model
        self._tf, self._step, self._objective, self._data, self._seed = tensorflow, step, objective, data, seed
        self._held, self._before = held, before_batch
        self._masks = [mask for one in held for mask in getattr(one, "masks", ())]
        self._rates = [layer.rate for layer in self._model.layers if type(layer).__name__ == "FakeQuant"]
        with quiet():
            self._optimizer = keras.optimizers.Adam(step.learning_rate)
            self._optimizer.build(self._model.trainable_variables)
            if model.quantized:
                self._first_ranges()
        self._untraced = True  # tracing talks
        self._update = self._tf.function(self._traced, reduce_retracing=True)

    def epoch(self, index: int, batches: Callable[[int, int], None]) -> float:
        """See ``network.Work``."""
        step, size = self._step, self._data.size
        order = shuffled(size, self._seed, index)
        count = -(-size // step.batch)
        total = 0.0
        for batch in range(count):
            progress = (index + batch / count) / step.epochs
            if self._before is not None:
                self._before(progress)
            for rate in self._rates:
                rate.assign(_FOLLOW if progress < _FROZEN else 0.0)
            self._optimizer.learning_rate.assign(cosine(step.learning_rate, progress))
            chosen = order[batch * step.batch : (batch + 1) * step.batch]
            x = [self._tf.constant(values[chosen]) for values in self._data.x]
            with quiet() if self._untraced else contextlib.nullcontext():
                loss = self._update(x[0] if len(x) == 1 else x, self._tf.constant(self._objective.targets[chosen]))
            self._untraced = False
            total += float(loss) * len(chosen) / size
            batches(batch + 1, count)
        if not np.isfinite(total):
            raise CheckFailed(
                f"training fails: the loss is {total} in epoch {index + 1}",
                where=self._model.name,
                why=f"the learning rate is {step.learning_rate:g}",
                hint="lower learning_rate, and check that the samples are scaled as the model was trained with them",
            )
        return total

    def state(self) -> list[np.ndarray]:
        """See ``network.Work``."""
        return [np.asarray(variable) for variable in self._variables()]

    def restore(self, state: list[np.ndarray]) -> None:
        """See ``network.Work``."""
        variables = self._variables()
        if [tuple(v.shape) for v in variables] != [s.shape for s in state]:
            raise ValueError("the checkpoint is of another model")
        for variable, values in zip(variables, state, strict=True):
            variable.assign(values)

    def finish(self) -> KerasModel:
        """See ``network.Work``."""
        if self._before is not None:
            self._before(1.0)
        for one in self._held:
            one.apply()
        return self._result

    def _variables(self) -> list[Any]:
        return [*self._model.variables, *self._optimizer.variables, *self._masks]

    def _traced(self, x: Any, targets: Any) -> Any:
        """One update. Kernels are rounded for the pass and their gradient goes to what they were rounded from."""
        tf, variables = self._tf, self._model.trainable_variables
        layers = rounded_layers(self._model) if self._result.quantized else []
        kernels = [layer.kernel for layer in layers]
        exact = [tf.identity(kernel.value) for kernel in kernels]
        for layer, kernel in zip(layers, kernels, strict=True):
            kernel.assign(round_kernel(layer, kernel.value))
        with tf.GradientTape() as tape:
            loss = self._objective(self._model(x, training=True), targets)
            if self._model.losses:
                loss += tf.add_n(self._model.losses)
        gradients = tape.gradient(loss, [variable.value for variable in variables])
        for kernel, values in zip(kernels, exact, strict=True):
            kernel.assign(values)
        pairs = [(g, v) for g, v in zip(gradients, variables, strict=True) if g is not None]
        self._optimizer.apply([g for g, _ in pairs], [v for _, v in pairs])
        for one in self._held:
            one.apply()
        return loss

    def _first_ranges(self) -> None:
        """Activations' ranges over some samples: those of the first batch, then moving."""
        batch = max(1, min(self._step.batch, self._data.size))
        for start in range(0, min(_FIRST, self._data.size), batch):
            for rate in self._rates:
                rate.assign(1.0 if start == 0 else _FOLLOW)
            x = [self._tf.constant(values[start : start + batch]) for values in self._data.x]
            self._model(x[0] if len(x) == 1 else x, training=True)
