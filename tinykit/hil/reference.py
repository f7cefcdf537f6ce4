"""What the model answers on this computer: TFLite-Micro's interpreter, the measure of every device."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tinykit.errors import InputError
from tinykit.graph.types import Graph
from tinykit.hil.dataset import Dataset

_PACKAGE = "tflite-micro"
_ARENA_BYTES = 64 << 20
"""Far more than any model for a microcontroller needs."""


@dataclass(frozen=True)
class Reference:
    """The host's outputs.

    Attributes:
        name: package and version.
        outputs: one array per model output, shape (N, *output shape).
    """

    name: str
    outputs: tuple[np.ndarray, ...]


def reference_name() -> str | None:
    """Package and version of the reference interpreter, or None where it is not installed."""
    if importlib.util.find_spec("tflite_micro") is None:
        return None
    try:
        return f"{_PACKAGE} {importlib.metadata.version(_PACKAGE)}"
    except importlib.metadata.PackageNotFoundError:
        return _PACKAGE


def run_reference(
    model: Path, graph: Graph, data: Dataset, progress: Callable[[int, int], None] | None = None
) -> Reference | None:
    """Run all samples through TFLite-Micro on this computer.

    Returns:
        None where the package is not installed (it exists for Linux on x86-64 only).

    Raises:
        InputError: TFLite-Micro refuses the model.
    """
    name = reference_name()
    if name is None:
        return None
    from tflite_micro.python.tflite_micro import runtime

    try:
        interpreter = runtime.Interpreter.from_bytes(model.read_bytes(), arena_size=_ARENA_BYTES)
        collected: list[list[np.ndarray]] = [[] for _ in graph.outputs]
        for index in range(data.size):
            for position, values in enumerate(data.sample(index)):
                interpreter.set_input(np.ascontiguousarray(values), position)
            interpreter.invoke()
            for position, column in enumerate(collected):
                column.append(np.array(interpreter.get_output(position)))
            if progress is not None:
                progress(index + 1, data.size)
    except (RuntimeError, ValueError) as error:
        raise InputError(
            "TFLite-Micro cannot run this model on the host",
            where=str(model),
            why=str(error),
            hint="run with --no-reference to measure without comparing",
        ) from None
    return Reference(name, tuple(np.stack(column) for column in collected))
