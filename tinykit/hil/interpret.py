"""Runs samples through an interpreter in a process of its own: a crash there is an error here.

Interpreters are C++ that trusts its input; a model one of them does not expect can end its whole process. So this
module is a program as well, ``python -m tinykit.hil.interpret ENGINE MODEL INPUTS.npz OUTPUTS.npz``. It says how many
samples are done, one number a line, and writes the outputs when all are.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tinykit.errors import InputError
from tinykit.graph.reader import read_model
from tinykit.hil.dataset import Dataset
from tinykit.process import run_lines

_TFLM_ARENA_BYTES = 64 << 20
"""Far more than any model for a microcontroller needs."""

_TIMEOUT = 3600.0
"""Seconds. A thousand samples of the largest reference model take a minute."""

_ENDED_EARLY = 15
"""``kTfLiteAbort`` of TFLite-Micro's status.h: its Python interpreter returns it as it is."""

_NO_KERNEL = re.compile(r"Failed to get registration from op code (\w+)")
"""What TFLite-Micro writes of the first operator that it lacks."""

ENGINES = {
    "tflite-micro": ("tflite_micro", "TFLite-Micro"),
    "ai-edge-litert": ("ai_edge_litert", "LiteRT"),
}
"""Python package by name of the distribution, and what people call it."""


def version_of(engine: str) -> str | None:
    """ "package version" of an interpreter, or None where it is not installed."""
    if importlib.util.find_spec(ENGINES[engine][0]) is None:
        return None
    try:
        return f"{engine} {importlib.metadata.version(engine)}"
    except importlib.metadata.PackageNotFoundError:
        return engine


def interpret(
    engine: str, model: Path, data: Dataset, progress: Callable[[int, int], None] | None = None
) -> tuple[np.ndarray, ...]:
    """One array per model output, shape (N, *output shape).

    Raises:
        InputError: the interpreter refuses the model, or crashes on it.
    """
    said: list[str] = []

    def take(line: str) -> None:
        if line.strip().isdigit():
            if progress is not None:
                progress(int(line), data.size)
        else:
            said.append(line.strip())

    with tempfile.TemporaryDirectory(prefix="tinykit-host-") as folder:
        inputs, outputs = Path(folder) / "inputs.npz", Path(folder) / "outputs.npz"
        np.savez(inputs, *data.inputs)
        command = [sys.executable, "-m", __name__, engine, str(model), str(inputs), str(outputs)]
        here = str(Path(__file__).resolve().parents[2])
        path = os.pathsep.join([here, *filter(None, [os.environ.get("PYTHONPATH")])])
        status = run_lines(command, take, timeout=_TIMEOUT, env={**os.environ, "PYTHONPATH": path})
        if status == 0:
            with np.load(outputs) as arrays:
                return tuple(arrays[name] for name in arrays.files)
    words = [line for line in said if line]
    if status is not None and status < 0:
        why = f"it crashed ({signal.Signals(-status).name}): the model has something that it does not expect"
    else:
        why = _reason(words, model) if words else f"it ended with status {status}"
    raise InputError(
        f"{ENGINES[engine][1]} cannot run this model on the host",
        where=str(model),
        why=why,
        hint="run with --no-reference to measure without comparing",
    )


def _reason(words: list[str], model: Path) -> str:
    """What an interpreter means: TFLite-Micro names the operator before it ends with a general word."""
    for line in words:
        missing = _NO_KERNEL.search(line)
        if missing is None:
            continue
        if missing[1] != "CUSTOM":
            return f"it has no kernel for the operator {missing[1]}"
        custom = sorted({op.custom_code or op.kind for op in read_model(model).ops if op.is_custom})
        return f"it has no kernel for a custom operator of the model: {', '.join(custom)}"
    return "; ".join(words[-3:])


def _tflite_micro(model: bytes, samples: list[np.ndarray]) -> Iterator[list[np.ndarray]]:
    from tflite_micro.python.tflite_micro import runtime

    interpreter = runtime.Interpreter.from_bytes(model, arena_size=_TFLM_ARENA_BYTES)
    outputs = runtime.schema_fb.Model.GetRootAsModel(model, 0).Subgraphs(0).OutputsLength()
    for index in range(len(samples[0])):
        for position, values in enumerate(samples):
            interpreter.set_input(np.ascontiguousarray(values[index]), position)
        if interpreter.invoke() == _ENDED_EARLY:
            raise RuntimeError(
                f"it ended run {index + 1} early, as a CIRCULAR_BUFFER needs more input: what its outputs hold then is "
                "no result. Give the operator a second output, which says so"
            )
        yield [np.array(interpreter.get_output(position)) for position in range(outputs)]


def _litert(model: bytes, samples: list[np.ndarray]) -> Iterator[list[np.ndarray]]:
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    # Its own kernels: the delegates that it would choose by default compute otherwise again.
    resolver: Any = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    interpreter = Interpreter(model_content=model, num_threads=1, experimental_op_resolver_type=resolver)
    interpreter.allocate_tensors()
    inputs = [int(detail["index"]) for detail in interpreter.get_input_details()]
    outputs = [int(detail["index"]) for detail in interpreter.get_output_details()]
    for index in range(len(samples[0])):
        for tensor, values in zip(inputs, samples, strict=True):
            interpreter.set_tensor(tensor, np.ascontiguousarray(values[index]))
        interpreter.invoke()
        yield [np.array(interpreter.get_tensor(tensor)) for tensor in outputs]


def _main(engine: str, model: str, inputs: str, outputs: str) -> None:
    with np.load(inputs) as arrays:
        samples = [arrays[name] for name in arrays.files]
    run = {"tflite-micro": _tflite_micro, "ai-edge-litert": _litert}[engine]
    collected: list[list[np.ndarray]] = []
    try:
        for row in run(Path(model).read_bytes(), samples):
            collected.append(row)
            print(len(collected), flush=True)
    except (RuntimeError, ValueError) as error:
        sys.exit(" ".join(str(error).split()) or type(error).__name__)
    np.savez(outputs, *(np.stack(column) for column in zip(*collected, strict=True)))


if __name__ == "__main__":
    _main(*sys.argv[1:])
