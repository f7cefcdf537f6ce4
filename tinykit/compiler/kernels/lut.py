"""int8 functions of one variable: the whole function is a table of 256 bytes, made on the host."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tinykit.compiler.kernels.base import Alias, ConstArray, In, KernelCall, Lowered, Out
from tinykit.compiler.kernels.checks import scale_multiplier
from tinykit.compiler.kernels.overlap import elementwise_overlap
from tinykit.compiler.kernels.quantize_math import multiply_by_quantized_multiplier
from tinykit.graph.types import Tensor


def lower_table(source: Tensor, target: Tensor, function: Callable[[int], int]) -> Lowered:
    """``target[i] = function(source[i])`` for int8 tensors; no code at all where that is the identity.

    ``function`` maps every int in [-128, 127] into [-128, 127].
    """
    table = np.array([function(q) for q in range(-128, 128)], dtype=np.int8)
    if not source.is_constant and np.array_equal(table, np.arange(-128, 128)):
        return Lowered(alias=Alias(source.id, target.id))
    call = KernelCall(
        kernel="tk_lut_s8",
        # The kernel indexes with the byte read as unsigned: 0..127, then -128..-1.
        params={"count": source.size, "table": ConstArray("int8_t", np.roll(table, -128))},
        args=(In(source.id), Out(target.id)),
        overlaps=(elementwise_overlap(source, target),),
    )
    return Lowered(calls=(call,))


def rescaler(real_multiplier: float) -> Callable[[int], int]:
    """The function ``x -> round(x * real_multiplier)`` as TFLite's MultiplyByQuantizedMultiplier computes it.

    Raises:
        Refusal: as ``scale_multiplier``.
    """
    multiplier, shift = scale_multiplier(real_multiplier)
    return lambda x: multiply_by_quantized_multiplier(x, multiplier, shift)


def clamp_int8(x: int, low: int = -128, high: int = 127) -> int:
    return max(low, min(high, x))
