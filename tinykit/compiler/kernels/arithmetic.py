"""What ADD, SUB and MUL have in common: two operands, broadcasting, a fused activation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from tinykit.compiler.kernels.base import In, KernelCall, LowerContext, Lowered, Out, ParamValue, Refusal
from tinykit.compiler.kernels.broadcast import Broadcast, plan_broadcast
from tinykit.compiler.kernels.checks import CLAMP_REFUSES, CONVERT_AGAIN, operands, require
from tinykit.compiler.kernels.lut import lower_table
from tinykit.compiler.kernels.overlap import elementwise_overlap
from tinykit.graph.options import Activation, ArithmeticOptions
from tinykit.graph.types import DType, Op, Tensor

QUANTIZED = np.arange(-128, 128, dtype=np.int64)
"""Every int8 value."""

Formula = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""The op in int8: int64 arrays of both inputs' quantized values to the output's, broadcasting as numpy does."""


BINARY_REFUSES = {
    "shapes that alternate in more than five groups of dimensions": "rearrange the dimensions",
    **CLAMP_REFUSES,
}
"""What all of them refuse, see ``Operator.refuses``."""

T = TypeVar("T")


@dataclass(frozen=True)
class BinaryOp:
    """An op of two operands that was found consistent."""

    first: Tensor
    second: Tensor
    output: Tensor
    dtype: DType
    activation: Activation
    broadcast: Broadcast

    def in_order(self, first: T, second: T) -> tuple[T, T]:
        """Values that belong to the two inputs, in the order in which the kernel takes these."""
        return (second, first) if self.broadcast.swapped else (first, second)

    def call(self, kernel: str, params: dict[str, ParamValue]) -> Lowered:
        """A call of ``kernel``, which may overwrite an operand that is not repeated."""
        a, b = (self.second, self.first) if self.broadcast.swapped else (self.first, self.second)
        call = KernelCall(
            kernel,
            {**self.broadcast.params(), **params},
            (In(a.id), In(b.id), Out(self.output.id)),
            overlaps=tuple(elementwise_overlap(t, self.output) for t in (a, b) if t.size == self.output.size),
        )
        return Lowered((call,))

    def as_table(self, formula: Formula) -> Lowered | None:
        """The op as a look-up of 256 entries, if it depends on one variable: x + x, or x + a constant scalar."""
        if self.first.id == self.second.id:
            source, results = self.first, formula(QUANTIZED, QUANTIZED)
        elif self.second.data is not None and self.second.size == 1:
            source, results = self.first, formula(QUANTIZED, self.second.data.reshape(1).astype(np.int64))
        elif self.first.data is not None and self.first.size == 1:
            source, results = self.second, formula(self.first.data.reshape(1).astype(np.int64), QUANTIZED)
        else:
            return None
        return lower_table(source, self.output, lambda q: int(results[q + 128]))


def binary_op(ctx: LowerContext, op: Op) -> BinaryOp:
    """Check types, shapes and options of an op of two operands.

    Raises:
        Refusal: when they do not fit together.
    """
    first, second, output = operands(ctx, op, 2)
    require(second.dtype is first.dtype, f"its inputs are {first.dtype.label} and {second.dtype.label}", CONVERT_AGAIN)
    require(output.size > 0, "its output has no elements", "convert the model again")
    if not isinstance(op.options, ArithmeticOptions):
        raise Refusal("it has no options", "convert the model again")
    return BinaryOp(first, second, output, output.dtype, op.options.activation, plan_broadcast(first, second, output))


def requantized(x: np.ndarray, zero_point: int, low: int, high: int) -> np.ndarray:
    """The last step of every formula: the zero point added, clamped to [low, high]."""
    clamped: np.ndarray = np.clip(x + zero_point, low, high)
    return clamped


def high_mul(a: np.ndarray, b: int) -> np.ndarray:
    """round(a * b / 2**31), ties towards +infinity, for int64 arrays within int32."""
    return (a * b + (1 << 30)) >> 31


def rounding_shift(x: np.ndarray, exponent: int) -> np.ndarray:
    """round(x / 2**exponent), ties away from zero, for int64 arrays within int32."""
    if exponent == 0:
        return x
    return (x + (1 << (exponent - 1)) - (x < 0)) >> exponent
