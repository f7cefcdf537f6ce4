"""How much memory TFLite-Micro's interpreter needs for a model: measured on this computer, with a margin.

The interpreter tells only once it has planned a model, so it runs here, in a process of its own: it writes what it used
to the C library's stderr, and a model that it cannot bear must not take tinykit with it.
"""

from __future__ import annotations

import importlib.util
import math
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from tinykit.errors import InputError, ToolMissing
from tinykit.graph.types import Graph
from tinykit.process import run_lines

MARGIN = 1024
"""Bytes on top of what was used here.

The device's TFLite-Micro is not the package's, and newer versions keep some bytes more per operator. Pointers work the
other way: they take 8 bytes here and 4 on a microcontroller, where the interpreter therefore needs less than here.
"""

_ALIGNMENT = 16
"""Of the arena and of every tensor in it: tensorflow/lite/micro/micro_arena_constants.h."""

_LARGEST = 256 << 20
_TIMEOUT = 120.0
"""Seconds; a large model takes a few."""

# Runs in the other process. The second interpreter proves that the size is enough, and computes once in it.
_PROGRAM = """
import sys
from tflite_micro.python.tflite_micro import runtime
interpreter = runtime.Interpreter.from_file(sys.argv[1], arena_size=int(sys.argv[2]))
interpreter.invoke()
interpreter.print_allocations()
"""


@dataclass(frozen=True)
class ArenaSize:
    """Bytes: what the host's interpreter ``used``, and what the firmware sets aside."""

    used: int
    reserved: int


def arena_size(model: Path, *, scratch: int = 0) -> ArenaSize:
    """The arena of a model.

    Args:
        scratch: bytes that the device's kernels need on top of those that ran here.

    Raises:
        ToolMissing: the package tflite-micro is not installed here.
        InputError: TFLite-Micro refuses the model.
    """
    if importlib.util.find_spec("tflite_micro") is None:
        raise ToolMissing(
            "the package tflite-micro is not installed",
            why="engine tflm takes the size of the model's working memory from it",
            hint="pip install --pre tflite-micro (Linux on x86-64)",
        )
    used = _used(model, _LARGEST)
    reserved = _aligned(used + MARGIN + scratch)
    _used(model, reserved)
    return ArenaSize(used, reserved)


def cmsis_nn_scratch(graph: Graph) -> int:
    """Bytes that the kernels of CMSIS-NN take from the arena while one operator runs, at most.

    Convolutions unfold two positions of their input to 16 bits: 4 bytes for each weight of one output channel
    (arm_convolve_s8_get_buffer_size); depthwise ones one position, 2 bytes for each weight
    (arm_depthwise_conv_s8_opt_get_buffer_size); pooling sums 4 bytes a channel (arm_avgpool_s8_get_buffer_size).
    """
    needs = [0]
    for op in graph.ops:
        if op.kind in ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"):
            needs.append(4 * math.prod(graph.tensor(op.inputs[1]).shape[1:]))
        elif op.kind == "AVERAGE_POOL_2D":
            needs.append(4 * graph.tensor(op.inputs[0]).shape[-1])
    return max(needs)


def _aligned(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT


def _used(model: Path, size: int) -> int:
    """What the interpreter uses of an arena of ``size`` bytes."""
    lines: list[str] = []
    run_lines([sys.executable, "-c", _PROGRAM, str(model), str(size)], lines.append, timeout=_TIMEOUT)
    said = "".join(lines)
    found = re.search(r"Arena allocation total (\d+) bytes", said)
    if found is None:
        words = [line.strip() for line in lines if not line.startswith((" ", "Traceback", "\n"))]
        raise InputError(
            "TFLite-Micro cannot run this model on the host",
            where=str(model),
            why="; ".join(words[-3:]) or "it ended without a word",
            hint="try --engine aot, or convert the model again",
        )
    return int(found.group(1))
