"""What operators of two operands have in common: broadcasting, a fused activation, tables for int8."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from tinykit.compiler.kernels.base import In, KernelCall, LowerContext, Lowered, Out, ParamValue, Refusal
from tinykit.compiler.kernels.broadcast import Broadcast, plan_broadcast
from tinykit.compiler.kernels.checks import (
    CLAMP_REFUSES,
    CONVERT_AGAIN,
    int8_quantization,
    operands,
    quantization,
    require,
    require_clamp,
)
from tinykit.compiler.kernels.lut import lower_table
from tinykit.compiler.kernels.overlap import elementwise_overlap
from tinykit.compiler.kernels.quantize_math import INT32_MAX, INT32_MIN, quantized_activation_range
from tinykit.graph.options import Activation, ArithmeticOptions
from tinykit.graph.types import DType, Op, Quantization, Tensor

QUANTIZED = np.arange(-128, 128, dtype=np.int64)
"""Every int8 value."""

Formula = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""The op in int8: int64 arrays of both inputs' quantized values to the output's, broadcasting as numpy does."""


BROADCAST_REFUSES = {"shapes that alternate in more than five groups of dimensions": "rearrange the dimensions"}
"""What all of them refuse, see ``Operator.refuses``."""

BINARY_REFUSES = {**BROADCAST_REFUSES, **CLAMP_REFUSES}
"""What those with a fused activation refuse."""

T = TypeVar("T")


@dataclass(frozen=True)
class BinaryOp:
    """An op of two operands that was found consistent. ``dtype`` is that of the operands."""

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

    def quantizations(self) -> tuple[Quantization, Quantization, Quantization]:
        """Of both inputs and the output, int8 or int16."""
        of = int8_quantization if self.dtype is DType.INT8 else int16_quantization
        return of(self.first), of(self.second), of(self.output)

    def clamp(self) -> tuple[int, int]:
        """Bounds of an int8 or int16 output with the fused activation."""
        require_clamp(self.activation)
        low, high = (-128, 127) if self.dtype is DType.INT8 else (-(2**15), 2**15 - 1)
        return quantized_activation_range(self.activation, self.quantizations()[2], low, high)

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


def int16_quantization(tensor: Tensor) -> Quantization:
    """Per-tensor quantization of an int16 activation, its zero point in range."""
    quant = quantization(tensor)
    what = f"tensor {tensor.name!r}"
    require(not quant.per_channel, f"its {what} is quantized per channel", CONVERT_AGAIN)
    require(-(2**15) < quant.zero_point < 2**15, f"its {what} has the zero point {quant.zero_point}", CONVERT_AGAIN)
    return quant


def require_symmetric(*quants: Quantization) -> None:
    """Refuse int16 of other zero points than 0, as TFLite-Micro does."""
    points = [q.zero_point for q in quants]
    require(not any(points), f"its int16 tensors have the zero points {points} instead of 0", CONVERT_AGAIN)


def integer_clamp(activation: Activation) -> tuple[int, int]:
    """Bounds of an int32 output with a fused activation; refused when that is not a clamp."""
    require_clamp(activation)
    return {
        Activation.NONE: (INT32_MIN, INT32_MAX),
        Activation.RELU: (0, INT32_MAX),
        Activation.RELU6: (0, 6),
        Activation.RELU_N1_TO_1: (-1, 1),
    }[activation]


def two_operands(ctx: LowerContext, op: Op, activation: Activation = Activation.NONE) -> BinaryOp:
    """Check types and shapes of an op of two operands.

    Raises:
        Refusal: when they do not fit together.
    """
    first, second, output = operands(ctx, op, 2)
    require(second.dtype is first.dtype, f"its inputs are {first.dtype.label} and {second.dtype.label}", CONVERT_AGAIN)
    require(output.size > 0, "its output has no elements", "convert the model again")
    return BinaryOp(first, second, output, first.dtype, activation, plan_broadcast(first, second, output))


def binary_op(ctx: LowerContext, op: Op) -> BinaryOp:
    """The same of an op that may have a fused activation."""
    if not isinstance(op.options, ArithmeticOptions):
        raise Refusal("it has no options", "convert the model again")
    return two_operands(ctx, op, op.options.activation)


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
