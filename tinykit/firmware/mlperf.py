"""Which of MLPerf Tiny's models a firmware says to be, when it speaks the text protocol of that benchmark."""

from __future__ import annotations

import math
from typing import Literal, get_args

from tinykit.errors import InputError, UnsupportedModel
from tinykit.graph.types import DType, Graph

MlperfId = Literal["ad01", "ic01", "kws01", "vww01", "sww01"]
MLPERF_IDS: tuple[MlperfId, ...] = get_args(MlperfId)
AUTO = "auto"

_SIZES: dict[tuple[int, int], MlperfId] = {
    (640, 640): "ad01",
    (32 * 32 * 3, 10): "ic01",
    (49 * 10, 12): "kws01",
    (96 * 96 * 3, 2): "vww01",
    (30 * 40, 3): "sww01",
}
"""Elements of input and output of the benchmark's reference models (https://github.com/mlcommons/tiny)."""

_TYPES = (DType.INT8, DType.UINT8, DType.INT16, DType.INT32, DType.FLOAT32)
"""That the device can print (agent/mlperf/tk_mlperf.c)."""


def mlperf_id(wanted: str | None, graph: Graph, where: str) -> MlperfId | None:
    """What the option ``--mlperf`` stands for with a model: an id, one guessed from the model's sizes, or None.

    Raises:
        InputError: there is no such id, or none can be guessed.
        UnsupportedModel: the protocol cannot feed the model, or tell its results.
    """
    if wanted is None:
        return None
    if wanted != AUTO and wanted not in MLPERF_IDS:
        raise InputError(f"no model of MLPerf Tiny is called {wanted!r}", hint=f"one of {', '.join(_choices())}")
    _check_tensors(graph, where)
    source, target = graph.tensor(graph.inputs[0]), graph.tensor(graph.outputs[0])
    sizes = (source.size, target.size)
    if wanted == AUTO:
        found = _SIZES.get(sizes)
        if found is None:
            raise InputError(
                "cannot tell which of MLPerf Tiny's models this is",
                where=where,
                why=f"it makes {sizes[1]} numbers of {sizes[0]}, as none of them does",
                hint=f"say it with --mlperf (of `tinykit mlperf run`: --id): {', '.join(MLPERF_IDS)}",
            )
        return found
    if wanted == "ad01" and sizes[0] != sizes[1]:
        raise InputError(
            "this model cannot be ad01",
            where=where,
            why="its result is the error of the output against the input, "
            f"which have {sizes[1]} and {sizes[0]} numbers",
            hint="give the id of another model",
        )
    return next(name for name in MLPERF_IDS if name == wanted)


def _choices() -> tuple[str, ...]:
    return (AUTO, *MLPERF_IDS)


def _check_tensors(graph: Graph, where: str) -> None:
    if len(graph.inputs) != 1 or len(graph.outputs) != 1:
        raise UnsupportedModel(
            "MLPerf Tiny's protocol has one input and one output",
            where=where,
            why=f"the model has {len(graph.inputs)} and {len(graph.outputs)}",
            hint="build it without --mlperf",
        )
    for role, index in (("input", graph.inputs[0]), ("output", graph.outputs[0])):
        tensor = graph.tensor(index)
        if tensor.dtype not in _TYPES or math.prod(tensor.shape) == 0:
            raise UnsupportedModel(
                f"MLPerf Tiny's protocol cannot carry the {role} {tensor.name!r}",
                where=where,
                why=f"it is {tensor.dtype.label} of shape {list(tensor.shape)}",
                hint=f"convert the model with one of {', '.join(t.label for t in _TYPES)}",
            )
