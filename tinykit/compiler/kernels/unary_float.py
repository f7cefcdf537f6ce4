"""float32 functions of one variable, element by element."""

from __future__ import annotations

from tinykit.compiler.kernels.base import Lowered
from tinykit.compiler.kernels.elementwise import lower_elementwise
from tinykit.graph.types import Tensor


def lower_float(kernel: str, source: Tensor, target: Tensor, **params: float) -> Lowered:
    """A call of ``kernel``, which takes ``count`` and ``params`` and may work in place."""
    return lower_elementwise(kernel, source, target, **params)
