"""Models compiled for the Edge TPU, as typed values: which packages are in a file, and what they need."""

from __future__ import annotations

from tinykit.edgetpu.package.reader import parse_compiled, read_compiled
from tinykit.edgetpu.package.types import CompiledModel, CpuOp, EdgeTpuOp, Executable, ExecutableType, Layer, Package

__all__ = [
    "CompiledModel",
    "CpuOp",
    "EdgeTpuOp",
    "Executable",
    "ExecutableType",
    "Layer",
    "Package",
    "parse_compiled",
    "read_compiled",
]
