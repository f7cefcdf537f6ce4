"""TFLite-Micro on the host: the answer every compiled model is held to."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from tflite_micro.python.tflite_micro import runtime

# Far above what any test model needs; the interpreter reports what it really used.
_ARENA_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True)
class OracleResult:
    """``outputs[i]`` has a leading axis of samples. ``arena_bytes`` is None unless it was asked for."""

    outputs: list[np.ndarray]
    arena_bytes: int | None = None


def run_oracle(
    tflite: bytes, inputs: Sequence[np.ndarray], *, arena: bool = False, samples: int | None = None
) -> OracleResult:
    """Run every sample of ``inputs`` (one array per model input, leading axis = samples) through TFLite-Micro.

    Args:
        samples: how many, for a model without inputs.

    Raises:
        RuntimeError: when TFLite-Micro refuses the model.
    """
    interpreter = runtime.Interpreter.from_bytes(tflite, arena_size=_ARENA_BYTES)
    samples = len(inputs[0]) if samples is None else samples
    results: list[list[np.ndarray]] = []
    for s in range(samples):
        for i, values in enumerate(inputs):
            interpreter.set_input(np.asarray(values[s], order="C"), i)
        interpreter.invoke()
        results.append([np.array(interpreter.get_output(i)) for i in range(_output_count(tflite))])
    used = _arena_used(interpreter) if arena else None
    return OracleResult([np.stack(column) for column in zip(*results, strict=True)], used)


def _output_count(tflite: bytes) -> int:
    return int(runtime.schema_fb.Model.GetRootAsModel(tflite, 0).Subgraphs(0).OutputsLength())


def _arena_used(interpreter: runtime.Interpreter) -> int:
    """The interpreter prints its recording of the arena to the C stderr only; read it from there."""
    with tempfile.TemporaryFile() as log:
        saved = os.dup(2)
        try:
            os.dup2(log.fileno(), 2)
            interpreter.print_allocations()
        finally:
            os.dup2(saved, 2)
            os.close(saved)
        log.seek(0)
        text = log.read().decode(errors="replace")
    found = re.search(r"Arena allocation total (\d+) bytes", text)
    if found is None:
        raise RuntimeError(f"no arena size in the interpreter's report:\n{text}")
    return int(found.group(1))
