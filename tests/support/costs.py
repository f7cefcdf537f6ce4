"""What a kernel costs on a board, measured, to hold what lowerings say to it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from support.native import compile_bytes
from tinykit.bench.measure import measure
from tinykit.board import Board
from tinykit.compiler import CompiledModel, Target
from tinykit.compiler.choice import Optimize
from tinykit.compiler.kernels.base import KernelCall
from tinykit.firmware.library import write_sources


def only_call(tflite: bytes, board: Board, optimize: Optimize = "speed") -> KernelCall:
    """The call that a model of one operator becomes on a board."""
    (step,) = _compiled(tflite, board, optimize).steps
    (call,) = step.calls
    return call


def measured_instructions(tflite: bytes, board: Board, folder: Path, optimize: Optimize = "speed") -> int:
    """Of one inference on an emulated board that counts instructions, with an input that looks random."""
    model = folder / "model.tflite"
    model.write_bytes(tflite)
    figures = measure(model, board, optimize).figures
    assert figures is not None
    assert figures.unit == "instructions"
    return int(figures.latency)


def measured_code(tflite: bytes, board: Board, folder: Path, optimize: Optimize = "speed") -> int:
    """Bytes of code and constants of the kernels' object files; skips the test without the board's compiler."""
    toolchain = board.toolchain
    cc, size = (f"{toolchain.prefix}{tool}" for tool in ("gcc", "size"))
    if shutil.which(cc) is None:
        pytest.skip(f"{cc} is not installed")
    total = 0
    for source in write_sources(_compiled(tflite, board, optimize), folder):
        if source.suffix not in (".c", ".S") or source.name == "model.c":
            continue
        target = source.with_suffix(f"{source.suffix}.o")
        command = [cc, *toolchain.cflags, "-O2", "-std=c99", f"-I{folder}", "-c", str(source), "-o", str(target)]
        subprocess.run(command, check=True, timeout=60)
        printed = subprocess.run([size, str(target)], check=True, timeout=60, capture_output=True, text=True).stdout
        total += int(printed.splitlines()[1].split()[0])
    return total


def _compiled(tflite: bytes, board: Board, optimize: Optimize) -> CompiledModel:
    return compile_bytes(tflite, Target(board.core, frozenset(board.features)), optimize)
