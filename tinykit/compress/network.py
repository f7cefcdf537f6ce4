"""What compression asks of a framework."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np

from tinykit.compress.recipe import Step
from tinykit.convert.model import FloatModel
from tinykit.convert.samples import Samples

Task = Literal["classes", "binary", "values"]
"""Labels are numbers of classes; 0 or 1 for a single output; values to be predicted."""


@dataclass(frozen=True)
class Data:
    """What a model is trained with.

    Attributes:
        x: one array per input, (N, *input shape) in the framework's own order of dimensions, float32.
        y: (N,) int64 for "classes" and "binary", (N, outputs) float32 for "values".
    """

    x: tuple[np.ndarray, ...]
    y: np.ndarray
    task: Task

    @property
    def size(self) -> int:
        return len(self.y)


class Work(Protocol):
    """A step that trains: its change is made, epochs follow."""

    what: str
    """What the change was, in a few words."""

    def epoch(self, index: int, batches: Callable[[int, int], None]) -> float:
        """One pass over the data, the ``index``-th from 0; calls ``batches(done, total)``. The mean loss.

        Raises:
            CheckFailed: the loss is not finite.
        """
        ...

    def state(self) -> list[np.ndarray]:
        """All that an epoch changes."""
        ...

    def restore(self, state: list[np.ndarray]) -> None:
        """Go on from an earlier ``state``.

        Raises:
            ValueError: it is not one of this step.
        """
        ...

    def finish(self) -> Any:
        """The model."""
        ...


class Framework(Protocol):
    """A framework's models; ``Any`` is one of them."""

    name: str
    """With its version."""
    kinds: frozenset[str]
    """Steps that it can do."""

    def parameters(self, model: Any) -> tuple[int, int]:
        """How many numbers a model has, and how many of them are exactly zero."""
        ...

    def float_model(self, model: Any, where: str) -> FloatModel:
        """As float .tflite."""
        ...

    def quantized(self, model: Any, where: str) -> bytes | None:
        """As int8 .tflite, where the model itself knows its ranges (after ``qat``)."""
        ...

    def data(self, model: Any, samples: Samples, where: str) -> Data:
        """Samples in the framework's order of dimensions, labels as the model's output needs them.

        Raises:
            InputError: there are no labels, or they do not fit.
        """
        ...

    def begin(self, step: Step, model: Any, teacher: Any | None, data: Data, seed: int) -> Work:
        """Make a step's change.

        Raises:
            InputError, UnsupportedModel: the model or a field of the step does not allow it; names the layer.
        """
        ...

    def dump(self, model: Any) -> bytes:
        """A model as bytes that ``restore`` reads; no code in them."""
        ...

    def restore(self, data: bytes) -> Any:
        """A model that ``dump`` wrote.

        Raises:
            ValueError: the bytes are damaged.
        """
        ...
