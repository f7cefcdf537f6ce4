"""Checks that many lowerings share. Each raises Refusal with a reason a user can act on."""

from __future__ import annotations

import math

import numpy as np

from tinykit.compiler.kernels.base import LowerContext, Refusal
from tinykit.compiler.kernels.quantize_math import (
    float_activation_range,
    quantize_multiplier,
    quantized_activation_range,
)
from tinykit.graph.options import Activation
from tinykit.graph.types import Op, Quantization, Tensor

CONVERT_AGAIN = "convert the model again with full-integer (int8) quantization or as float32"


def require(condition: bool, why: str, hint: str) -> None:
    """Raise Refusal unless ``condition`` holds."""
    if not condition:
        raise Refusal(why, hint)


def input_tensor(ctx: LowerContext, op: Op, position: int, what: str) -> Tensor:
    """The input at ``position``; refused when it is absent."""
    tensor = ctx.graph.input(op, position)
    if tensor is None:
        raise Refusal(f"its {what} is missing", "convert the model again")
    return tensor


def constant(tensor: Tensor, what: str) -> np.ndarray:
    """The data of a tensor that has to be known at compile time."""
    if tensor.data is None:
        raise Refusal(f"its {what} is computed at run time", "make it a constant of the model")
    return tensor.data


def operands(ctx: LowerContext, op: Op, inputs: int) -> tuple[Tensor, ...]:
    """The op's ``inputs`` inputs, none of them absent, followed by its one output; refused when it has others."""
    present = [t for t in (ctx.graph.input(op, i) for i in range(len(op.inputs))) if t is not None]
    require(
        len(present) == len(op.inputs) == inputs and len(op.outputs) == 1,
        f"it has {len(present)} inputs and {len(op.outputs)} outputs instead of {inputs} and 1",
        "convert the model again",
    )
    return (*present, ctx.graph.output(op))


def unary_operands(ctx: LowerContext, op: Op) -> tuple[Tensor, Tensor]:
    """Input and output of an op that maps elements to elements; refused when their shapes differ."""
    source, target = operands(ctx, op, 1)
    require_shape(target, source.shape, "input")
    return source, target


def require_shape(target: Tensor, expected: tuple[int, ...], what: str) -> None:
    """Refuse an output of another shape than follows from ``what``."""
    require(
        target.shape == expected,
        f"its output is {list(target.shape)} instead of {list(expected)}, which follows from its {what}",
        "convert the model again",
    )


def scale_multiplier(real: float) -> tuple[int, int]:
    """``real``, a quotient of scales, as TFLite's fixed-point multiplier and shift.

    Raises:
        Refusal: for 2**30 or more, which TFLite's arithmetic has no defined result for, and what is no number.
    """
    require(
        math.isfinite(real) and abs(real) < 2.0**30,
        f"its scales differ by a factor of {real:.3g}",
        "quantize the model again",
    )
    return quantize_multiplier(real)


def quantization(tensor: Tensor) -> Quantization:
    """Quantization of a quantized tensor, with usable scales."""
    what = f"tensor {tensor.name!r}"
    if tensor.quant is None:
        raise Refusal(f"its {what} is {tensor.dtype.label} without a scale", CONVERT_AGAIN)
    # negative and infinite ones are no model for the reader
    require(bool(np.all(tensor.quant.scales > 0)), f"its {what} has the scale 0", CONVERT_AGAIN)
    return tensor.quant


def scale_and_zero_point(tensor: Tensor) -> tuple[float, int]:
    """As TFLite-Micro compares them: both 0 where there are none."""
    return (0.0, 0) if tensor.quant is None else (float(tensor.quant.scale), tensor.quant.zero_point)


def int8_quantization(tensor: Tensor) -> Quantization:
    """Per-tensor quantization of an int8 activation, its zero point in range."""
    what = f"tensor {tensor.name!r}"
    quant = quantization(tensor)
    require(not quant.per_channel, f"its {what} is quantized per channel", CONVERT_AGAIN)
    require(-128 <= quant.zero_point <= 127, f"its {what} has the zero point {quant.zero_point}", CONVERT_AGAIN)
    return quant


def integer_quantization(tensor: Tensor) -> Quantization:
    """Per-tensor quantization of an integer activation, its zero point in the range of the tensor's type."""
    what = f"tensor {tensor.name!r}"
    quant = quantization(tensor)
    require(not quant.per_channel, f"its {what} is quantized per channel", CONVERT_AGAIN)
    limits = np.iinfo(tensor.dtype.label)
    require(
        limits.min <= quant.zero_point <= limits.max, f"its {what} has the zero point {quant.zero_point}", CONVERT_AGAIN
    )
    return quant


def symmetric_quantization(tensor: Tensor) -> Quantization:
    """The same where TFLite-Micro wants a zero point of 0, as mostly for int16."""
    quant = integer_quantization(tensor)
    require(
        quant.zero_point == 0,
        f"its tensor {tensor.name!r} is {tensor.dtype.label} with the zero point {quant.zero_point}",
        CONVERT_AGAIN,
    )
    return quant


def int16_quantization(tensor: Tensor) -> Quantization:
    """Per-tensor quantization of an int16 activation, its zero point in range."""
    what = f"tensor {tensor.name!r}"
    quant = quantization(tensor)
    require(not quant.per_channel, f"its {what} is quantized per channel", CONVERT_AGAIN)
    require(-32768 <= quant.zero_point <= 32767, f"its {what} has the zero point {quant.zero_point}", CONVERT_AGAIN)
    return quant


def require_same_quantization(source: Tensor, target: Tensor) -> None:
    """Refuse an output of another scale or zero point than the input's; both may have none."""
    found = [None if t.quant is None else (float(t.quant.scale), t.quant.zero_point) for t in (source, target)]
    require(found[0] == found[1], "its input and output are quantized differently", "convert the model again")


CLAMP_REFUSES = {"fused TANH or SIGN_BIT": "use RELU or RELU6, or a separate activation layer"}
"""What ``int8_clamp`` and ``float_clamp`` refuse, see ``Operator.refuses``."""


def int8_clamp(activation: Activation, target: Tensor) -> tuple[int, int]:
    """Bounds of an int8 output with a fused activation; refused when that is not a clamp."""
    require_clamp(activation)
    return quantized_activation_range(activation, int8_quantization(target), -128, 127)


def int16_clamp(activation: Activation, target: Tensor) -> tuple[int, int]:
    """The same of an int16 output."""
    require_clamp(activation)
    return quantized_activation_range(activation, int16_quantization(target), -32768, 32767)


def float_clamp(activation: Activation) -> tuple[float, float]:
    """Bounds of a float output with a fused activation; refused when that is not a clamp."""
    require_clamp(activation)
    return float_activation_range(activation)


def require_clamp(activation: Activation) -> None:
    """Refuse a fused activation that is not a clamp."""
    require(
        activation in (Activation.NONE, Activation.RELU, Activation.RELU6, Activation.RELU_N1_TO_1),
        f"fused {activation.name} is not supported",
        "use RELU or RELU6, or a separate activation layer",
    )


def uint16(value: int, what: str) -> int:
    """A size that has to fit a kernel's 16-bit field."""
    require(0 <= value <= 0xFFFF, f"its {what} is {value}, more than 65535", "make the layer smaller")
    return value
