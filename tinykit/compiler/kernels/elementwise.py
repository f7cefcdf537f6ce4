"""Kernels that make one element of each element of their only input."""

from __future__ import annotations

from tinykit.compiler.kernels.base import In, KernelCall, Lowered, Out, ParamValue
from tinykit.compiler.kernels.overlap import elementwise_overlap
from tinykit.graph.types import DType, Tensor

SUFFIX = {
    DType.INT8: "s8",
    DType.INT16: "s16",
    DType.INT32: "s32",
    DType.UINT8: "u8",
    DType.UINT32: "u32",
    DType.FLOAT32: "f32",
    DType.BOOL: "bool",
}
"""How kernels' names call types."""


def lower_elementwise(kernel: str, source: Tensor, target: Tensor, **params: ParamValue) -> Lowered:
    """A call of ``kernel``, which takes ``count`` and ``params`` and goes through both tensors forwards.

    It may write over its input, unless C forbids to write one of the two types where the other was.
    """
    allowed = source.dtype is target.dtype or 1 in (source.nbytes // source.size, target.nbytes // target.size)
    overlaps = (elementwise_overlap(source, target),) if allowed else ()
    args = (In(source.id), Out(target.id))
    return Lowered((KernelCall(kernel, {"count": source.size, **params}, args, overlaps=overlaps),))
