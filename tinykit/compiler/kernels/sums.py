"""What CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED share: folded biases and multipliers.

Source of the arithmetic: TensorFlow Lite Micro, ``PopulateConvolutionQuantizationParams``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from tinykit.compiler.kernels.base import (
    Arg,
    ConstArray,
    In,
    LowerContext,
    Out,
    Overlap,
    ParamValue,
    Refusal,
    same_types,
)
from tinykit.compiler.kernels.checks import (
    CLAMP_REFUSES,
    CONVERT_AGAIN,
    constant,
    input_tensor,
    int8_clamp,
    int8_quantization,
    quantization,
    require,
    scale_multiplier,
)
from tinykit.compiler.kernels.overlap import window_overlap
from tinykit.compiler.kernels.quantize_math import (
    multiply_by_quantized_multiplier,
)
from tinykit.compiler.kernels.window import Axis
from tinykit.graph.options import Activation
from tinykit.graph.types import DType, Op, Quantization, Tensor

SUM_REFUSES = {
    "a bias that is computed at run time": "make it a constant of the model",
    "a bias of another type than int32 (int8), int64 or in some int32 (int16) or float32": "convert the model again",
    "weights with a zero point other than 0": "convert the model again",
    "an int16 input or output with a zero point other than 0, which TFLite-Micro ignores": "convert the model again",
    "an int16 output scale below 2^-14 of the product of the input's and the weights'": "quantize the model again",
    "int8 sums that could exceed 32 bits, int16 sums that could exceed 47": "scale the layer down, or split it",
    "sizes above 65535": "make the layer smaller",
    **CLAMP_REFUSES,
}
"""What all of them refuse, see ``Operator.refuses``."""
SUM_TYPES = same_types(DType.INT8, DType.INT16, DType.FLOAT32)
"""Activations that all of them take."""


@dataclass(frozen=True)
class SumLayer:
    """One of these ops: its tensors, and the filters as values.

    Attributes:
        weights: int8 also where the model has them in int4.
        filters: one per output channel along the first axis, whatever layout ``weights`` has. Of weights that are
            computed only the shape is right.
        packed: int4 weights as they are in the model, uint8.
        channel_axis: the dimension of ``weights`` along which output channels run.
    """

    source: Tensor
    weights: Tensor
    bias: Tensor | None
    target: Tensor
    activation: Activation
    filters: np.ndarray
    channel_axis: int
    packed: np.ndarray | None = None

    @property
    def channels(self) -> int:
        return len(self.filters)

    @property
    def rows(self) -> np.ndarray:
        """The filters flattened, shape (channels, taps)."""
        return self.filters.reshape(self.channels, -1)

    @property
    def args(self) -> tuple[Arg, ...]:
        """What all their kernels take."""
        return (In(self.source.id), Out(self.target.id))

    @property
    def args_with_weights(self) -> tuple[Arg, ...]:
        """What kernels take that read the weights as they are in the model."""
        return (In(self.source.id), In(self.weights.id), Out(self.target.id))

    def overlaps(self, axes: tuple[Axis, Axis], ahead: int) -> tuple[Overlap, ...]:
        """Of their kernels; ``axes`` and ``ahead`` as for ``window_overlap``. None where weights are the input."""
        if self.weights.id == self.source.id:
            return ()
        return (window_overlap(self.source, self.target, axes, ahead=ahead),)

    def bias_values(self, *dtypes: DType) -> np.ndarray:
        """The bias as an array of ``channels`` values; zeros when there is none.

        Args:
            dtypes: the types that it may have, int32 or float32 as the input is unless others are given.
        """
        allowed = dtypes or (DType.INT32 if self.source.dtype is DType.INT8 else self.source.dtype,)
        if self.bias is None:
            return np.zeros(self.channels, allowed[0].numpy)
        require(
            self.bias.dtype in allowed and self.bias.size == self.channels,
            f"its bias is {self.bias.dtype.label} with {self.bias.size} values; supported: "
            f"{' or '.join(dtype.label for dtype in allowed)} with {self.channels}",
            "convert the model again",
        )
        return constant(self.bias, "bias").reshape(self.channels)

    def largest_row(self, zero_point: int = 0) -> int:
        """The largest sum of absolute weights, less their zero point, of a filter; any weights where computed."""
        if not self.weights.is_constant:
            return int(self.rows.shape[1]) * max(128 + zero_point, 127 - zero_point)
        return int(np.max(np.sum(np.abs(self.rows.astype(np.int64) - zero_point), axis=1), initial=0))

    def weight_quantization(self, *, zero_point: bool = False) -> Quantization:
        """Quantization of int8 weights: one scale, or one per output channel.

        Args:
            zero_point: one scale may come with a zero point other than 0.
        """
        quant = quantization(self.weights)
        require(
            not np.any(quant.zero_points) or (zero_point and not quant.per_channel),
            "its weights have a zero point other than 0",
            "convert the model again",
        )
        require(int(np.max(np.abs(quant.zero_points))) <= 128, "its weights' zero point is no int8", CONVERT_AGAIN)
        if quant.per_channel:
            require(
                quant.axis == self.channel_axis and len(quant.scales) == self.channels,
                f"its weights have {len(quant.scales)} scales along axis {quant.axis}, expected {self.channels} along "
                f"{self.channel_axis}",
                CONVERT_AGAIN,
            )
        return quant

    def multipliers(
        self, activations: Callable[[Tensor], Quantization] = int8_quantization, *, zero_point: bool = False
    ) -> list[tuple[int, int]]:
        """(multiplier, shift) per output channel, from double-precision products of the scales.

        Args:
            activations: gives the quantization of input and output, and refuses what is none.
            zero_point: weights may have one.
        """
        source, target = activations(self.source), activations(self.target)
        return [
            scale_multiplier(float(source.scale) * float(scale) / float(target.scale))
            for scale in np.broadcast_to(self.weight_quantization(zero_point=zero_point).scales, self.channels)
        ]

    def folded_bias(self) -> np.ndarray:
        """The int32 bias with the input's zero point folded in."""
        return fold_zero_point(self.rows, self.bias_values(), int8_quantization(self.source).zero_point)


def sum_layer(
    ctx: LowerContext,
    op: Op,
    activation: Activation,
    dimensions: int,
    channel_axis: int,
    *,
    computed: bool = False,
    int4: bool = True,
    positions: tuple[int, int, int] = (0, 1, 2),
) -> SumLayer:
    """The tensors of an op that sums products, its weights of that many dimensions.

    Args:
        computed: weights may be computed.
        int4: weights of an int8 layer may be int4.
        positions: of input, weights and bias among the op's inputs.

    Raises:
        Refusal: when types or dimensions are others.
    """
    source = input_tensor(ctx, op, positions[0], "input")
    weights = input_tensor(ctx, op, positions[1], "weights")
    require(
        weights.dtype in _WEIGHTS.get(source.dtype, (source.dtype,)) and (int4 or weights.dtype is not DType.INT4),
        f"its weights are {weights.dtype.label}, its input {source.dtype.label}",
        CONVERT_AGAIN,
    )
    require(
        len(weights.shape) == dimensions,
        f"its weights have {len(weights.shape)} dimensions; supported: {dimensions}",
        "reshape them to two" if dimensions == 2 else CONVERT_AGAIN,
    )
    packed = None
    if weights.dtype is DType.INT4:
        packed = constant(weights, "weights")
        weights = replace(weights, dtype=DType.INT8, data=unpacked(weights))
    values = weights.data
    if values is None:
        values = np.ones(weights.shape, np.int8) if computed else constant(weights, "weights")
    return SumLayer(
        source,
        weights,
        ctx.graph.input(op, positions[2]),
        ctx.graph.output(op),
        activation,
        np.moveaxis(values, channel_axis, 0),
        channel_axis,
        packed,
    )


_WEIGHTS = {DType.INT8: (DType.INT8, DType.INT4), DType.INT16: (DType.INT8,)}


def unpacked(tensor: Tensor) -> np.ndarray:
    """The values of a constant int4 tensor as int8: two in a byte, the first in its low half."""
    raw = constant(tensor, "weights").astype(np.uint8)
    require(raw.size == (tensor.size + 1) // 2, f"its {tensor.size} int4 weights are {raw.size} bytes", CONVERT_AGAIN)
    halves = np.stack([raw & 15, raw >> 4], axis=-1).reshape(-1)[: tensor.size].astype(np.int8)
    values: np.ndarray = (halves - 16 * (halves >= 8)).astype(np.int8).reshape(tensor.shape)
    return values


def fold_zero_point(rows: np.ndarray, bias: np.ndarray, zero_point: int) -> np.ndarray:
    """Bias with the input's zero point folded in: ``b - zero_point * sum(w)`` per row.

    Args:
        rows: int8 weights, shape (channels, taps).
        bias: int32, shape (channels,).
        zero_point: of the input.

    Raises:
        Refusal: as ``refuse_overflow``.
    """
    wide = rows.astype(np.int64)
    refuse_overflow(bias, np.sum(np.abs(wide), axis=1))
    folded: np.ndarray = bias.astype(np.int64) - zero_point * np.sum(wide, axis=1)
    return folded.astype(np.int32)


def refuse_overflow(bias: np.ndarray, weights: np.ndarray | int) -> None:
    """Refuse sums of int8 products that some input could make overflow.

    Args:
        bias: int32, shape (channels,).
        weights: sums of absolute weights of each channel, or the largest.

    Raises:
        Refusal: the 32-bit sum could overflow, for which TFLite-Micro's result is undefined.
    """
    largest = int(np.max(np.abs(bias.astype(np.int64)) + 256 * weights, initial=0))
    if largest >= 2**31 - 2**16:  # tk_output_s8.c relies on this margin
        raise Refusal(
            f"its sums can reach {largest}, more than 32 bits safely hold, as TFLite-Micro's could, too",
            "scale the layer down, or split it",
        )


def output_s8(layer: SumLayer, bias: np.ndarray, pairs: list[tuple[int, int]]) -> dict[str, ParamValue]:
    """The fields of tk_output_s8: how sums become int8 outputs.

    A shift takes the low byte of its channel's bias where all biases of the layer fit into the other 24 bits.

    Args:
        bias: int32, what each channel's sum starts from, shape (channels,).
        pairs: (multiplier, shift) per output channel, or one for all.
    """
    quant = int8_quantization(layer.target)
    low, high = int8_clamp(layer.activation, layer.target)
    per_channel = len(pairs) > 1
    if per_channel:
        bias, pairs = simplify_constant_channels(layer.rows, bias, pairs, quant.zero_point, low, high)
    table = np.array(pairs, np.int64).reshape(-1, 2)
    packed = per_channel and bool(np.all((bias >= -(2**23)) & (bias < 2**23)))
    if packed:
        bias = (bias.astype(np.int64) * 256 + (table[:, 1] & 0xFF)).astype(np.int32)
    return {
        "bias": ConstArray("int32_t", bias),
        "multiplier": ConstArray("int32_t", table[:, 0].astype(np.int32), "tables"),
        "shift": None if packed else ConstArray("int8_t", table[:, 1].astype(np.int8), "tables"),
        "per_channel": int(per_channel),
        "bias_position": 8 if packed else 0,
        "zero_point": quant.zero_point,
        "clamp_min": low,
        "clamp_max": high,
    }


def simplify_constant_channels(
    rows: np.ndarray, bias: np.ndarray, pairs: list[tuple[int, int]], zero_point: int, low: int, high: int
) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """Give channels without weights, whose output is always the same, a small bias and a plain multiplier, 1/4.

    Converters give such channels biases near the ends of int32, which would keep a layer from packing its shifts, and
    multipliers of any size.
    """
    bias, pairs = bias.copy(), list(pairs)
    for channel in np.flatnonzero(~np.any(rows, axis=1)):
        value = multiply_by_quantized_multiplier(int(bias[channel]), *pairs[channel]) + zero_point
        bias[channel] = 4 * (min(max(value, low), high) - zero_point)
        pairs[channel] = (2**30, -1)
    return bias, pairs


def pack_rows(rows: np.ndarray, block: int) -> np.ndarray:
    """Interleave rows in blocks: [rows / block][taps][block], then the remaining rows as they are.

    Args:
        rows: shape (channels, taps).
        block: how many channels a kernel keeps in registers.
    """
    full = len(rows) // block * block
    blocks = rows[:full].reshape(-1, block, rows.shape[1]).transpose(0, 2, 1)
    return np.concatenate([blocks.reshape(-1), rows[full:].reshape(-1)])
