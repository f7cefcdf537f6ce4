"""What LiteRT answers on this computer: shown beside the measure of every device, which is TFLite-Micro."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from pathlib import Path

import numpy as np

from tinykit.graph.types import Graph
from tinykit.hil.dataset import Dataset
from tinykit.hil.reference import Reference

_PACKAGE = "ai-edge-litert"


def run_litert(model: Path, graph: Graph, data: Dataset) -> Reference | None:
    """Run all samples through LiteRT's own kernels, without the delegates that compute otherwise again.

    Returns:
        None where the package is not installed (it is optional), or LiteRT cannot run the model.
    """
    if importlib.util.find_spec("ai_edge_litert") is None:
        return None
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    try:
        interpreter = Interpreter(
            model_content=model.read_bytes(),
            num_threads=1,
            experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        )
        interpreter.allocate_tensors()
        # Both in the order of the graph's own lists.
        inputs = [int(detail["index"]) for detail in interpreter.get_input_details()]
        outputs = [int(detail["index"]) for detail in interpreter.get_output_details()]
        collected: list[list[np.ndarray]] = [[] for _ in outputs]
        for index in range(data.size):
            for tensor, values in zip(inputs, data.sample(index), strict=True):
                interpreter.set_tensor(tensor, np.ascontiguousarray(values))
            interpreter.invoke()
            for column, tensor in zip(collected, outputs, strict=True):
                column.append(np.array(interpreter.get_tensor(tensor)))
    except (RuntimeError, ValueError):
        return None
    return Reference(f"{_PACKAGE} {importlib.metadata.version(_PACKAGE)}", tuple(np.stack(c) for c in collected))
