"""The ahead-of-time compiler: Graph -> passes -> kernels -> memory plan -> C."""

from __future__ import annotations

from tinykit.compiler.compile import compile_graph
from tinykit.compiler.kernels.base import Target
from tinykit.compiler.model import CompiledModel, Step

__all__ = ["CompiledModel", "Step", "Target", "compile_graph"]
