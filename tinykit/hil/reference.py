"""What the model answers on this computer: TFLite-Micro, the measure of every device, and LiteRT beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tinykit.errors import InputError
from tinykit.graph.forest import FOREST, forest_of
from tinykit.graph.reader import read_model
from tinykit.graph.types import Graph
from tinykit.hil.dataset import Dataset
from tinykit.hil.interpret import interpret, version_of


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
    return version_of("tflite-micro")


_NUMPY = "the trees' definition in NumPy"


def run_reference(model: Path, data: Dataset, progress: Callable[[int, int], None] | None = None) -> Reference | None:
    """Run all samples through TFLite-Micro on this computer; through their definition, if the model is trees.

    Returns:
        None where the package is not installed (it exists for Linux on x86-64 only).

    Raises:
        InputError: TFLite-Micro refuses the model, or crashes on it.
    """
    graph = read_model(model)
    if graph.ops[0].kind == FOREST and len(graph.ops) == 1:  # TFLite-Micro has no operator for them
        return Reference(_NUMPY, (_forest(graph, model, data),))
    name = reference_name()
    return None if name is None else Reference(name, interpret("tflite-micro", model, data, progress))


def _forest(graph: Graph, model: Path, data: Dataset) -> np.ndarray:
    """The output for all samples, (N, *output shape)."""
    try:
        forest = forest_of(graph, graph.ops[0])
    except ValueError as error:
        raise InputError("the trees are not usable", where=str(model), why=str(error)) from None
    output = graph.tensor(graph.outputs[0])
    return forest.evaluate(data.inputs[0].reshape(data.size, -1)).reshape(data.size, *output.shape)


def outputs_of_bytes(model: Path, inputs: list[bytes]) -> tuple[bytes, ...] | None:
    """What this computer makes of one sample that is given as bytes: TFLite-Micro, or LiteRT where that is not there.

    Returns:
        None where neither is installed, or none of them runs the model.
    """
    graph = read_model(model)
    arrays = tuple(
        np.frombuffer(data, tensor.dtype.numpy).reshape(1, *tensor.shape)
        for data, tensor in zip(inputs, map(graph.tensor, graph.inputs), strict=True)
    )
    data = Dataset(arrays, None, "one sample", None)
    try:
        reference = run_reference(model, data) or run_litert(model, data)
    except InputError:
        reference = run_litert(model, data)
    return None if reference is None else tuple(np.ascontiguousarray(v[0]).tobytes() for v in reference.outputs)


def run_litert(model: Path, data: Dataset) -> Reference | None:
    """Run all samples through LiteRT's own kernels, for comparison only.

    Returns:
        None where the package is not installed (it is optional), or LiteRT cannot run the model.
    """
    name = version_of("ai-edge-litert")
    if name is None:
        return None
    try:
        return Reference(name, interpret("ai-edge-litert", model, data))
    except InputError:
        return None
