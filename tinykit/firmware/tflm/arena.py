"""How much memory TFLite-Micro's interpreter needs for a model: measured on this computer, with a margin.

The interpreter tells only once it has planned a model, so it runs here, in a process of its own: it writes what it used
to the C library's stderr, and a model that it cannot bear must not take tinykit with it.
"""

from __future__ import annotations

import importlib.util
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from tinykit.errors import InputError, ToolMissing
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


def arena_size(model: Path) -> ArenaSize:
    """The arena of a model.

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
    reserved = _aligned(used + MARGIN)
    _used(model, reserved)
    return ArenaSize(used, reserved)


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
