"""float32 functions of one variable, element by element."""

from __future__ import annotations

from tinykit.compiler.kernels.base import In, KernelCall, Lowered, Out
from tinykit.compiler.kernels.overlap import elementwise_overlap
from tinykit.graph.types import Tensor


def lower_float(kernel: str, source: Tensor, target: Tensor, **params: float) -> Lowered:
    """A call of ``kernel``, which takes ``count`` and ``params`` and may work in place."""
    call = KernelCall(
        kernel,
        {"count": source.size, **params},
        (In(source.id), Out(target.id)),
        overlaps=(elementwise_overlap(source, target),),
    )
    return Lowered(calls=(call,))
