"""LiteRT on this computer, with a look at every tensor in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from tinykit.convert.extras import require
from tinykit.errors import UnsupportedModel
from tinykit.text import first_line

Progress = Callable[[str, int, int], None]


class Interpreter:
    """A .tflite in LiteRT's own kernels, without delegates: one thread, reproducible.

    Args:
        keep: keep the values of all tensors, not of the outputs only.

    Raises:
        ToolMissing: ai-edge-litert is not installed.
        UnsupportedModel: LiteRT cannot run the model.
    """

    def __init__(self, tflite: bytes, where: str, *, keep: bool = False) -> None:
        module: Any = require("ai_edge_litert.interpreter", "convert", "conversions")
        self._where = where
        try:
            self._interpreter: Any = module.Interpreter(
                model_content=tflite,
                num_threads=1,
                experimental_op_resolver_type=module.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
                experimental_preserve_all_tensors=keep,
            )
            self._interpreter.allocate_tensors()
        except (RuntimeError, ValueError) as error:
            raise self._refused(error) from None
        self._inputs = [int(d["index"]) for d in self._interpreter.get_input_details()]
        self._outputs = [int(d["index"]) for d in self._interpreter.get_output_details()]

    @property
    def inputs(self) -> tuple[int, ...]:
        """Tensor indices of the inputs."""
        return tuple(self._inputs)

    def resize(self, shapes: Sequence[Sequence[int]]) -> None:
        """Give the inputs other shapes.

        Raises:
            UnsupportedModel: the model cannot have them.
        """
        try:
            for index, shape in zip(self._inputs, shapes, strict=True):
                self._interpreter.resize_tensor_input(index, list(shape), strict=False)
            self._interpreter.allocate_tensors()
        except (RuntimeError, ValueError) as error:
            raise self._refused(error) from None

    def run(self, sample: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Outputs for one sample: arrays in the inputs' own types and shapes.

        Raises:
            UnsupportedModel: an operator fails.
        """
        try:
            for index, values in zip(self._inputs, sample, strict=True):
                self._interpreter.set_tensor(index, np.ascontiguousarray(values))
            self._interpreter.invoke()
            return [np.array(self._interpreter.get_tensor(index)) for index in self._outputs]
        except (RuntimeError, ValueError) as error:
            raise self._refused(error) from None

    def value(self, tensor: int) -> np.ndarray | None:
        """A tensor's value after ``run`` (with ``keep``); None for one that has none."""
        try:
            return np.array(self._interpreter.get_tensor(tensor))
        except (RuntimeError, ValueError):
            return None

    def details(self) -> list[dict[str, Any]]:
        """LiteRT's description of each tensor: index, name, shape, dtype."""
        return list(self._interpreter.get_tensor_details())

    def _refused(self, error: Exception) -> UnsupportedModel:
        return UnsupportedModel(
            "LiteRT cannot run this model",
            where=self._where,
            why=first_line(error),
            hint="convert it without operators of TensorFlow (Flex) and custom ones",
        )


def run_all(
    tflite: bytes,
    inputs: Sequence[np.ndarray],
    where: str,
    *,
    progress: Progress | None = None,
    what: str = "running on the host",
) -> tuple[np.ndarray, ...]:
    """Outputs for all samples: one array per output, (N, *output shape), in the output's type.

    Args:
        inputs: one array per model input, (N, *input shape), in the input's type.
    """
    interpreter = Interpreter(tflite, where)
    columns: list[list[np.ndarray]] = []
    total = len(inputs[0])
    for done, sample in enumerate(samples_of(inputs), 1):
        outputs = interpreter.run(sample)
        columns = columns or [[] for _ in outputs]
        for column, value in zip(columns, outputs, strict=True):
            column.append(value)
        if progress is not None:
            progress(what, done, total)
    return tuple(np.stack(column) for column in columns)


def samples_of(inputs: Sequence[np.ndarray]) -> Iterator[tuple[np.ndarray, ...]]:
    """Sample by sample: all inputs of each."""
    for index in range(len(inputs[0])):
        yield tuple(values[index] for values in inputs)
