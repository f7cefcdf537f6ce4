"""Reads builtin-options tables into the typed values of ``options``.

Slot numbers and defaults are those of the public TFLite schema (schema.fbs).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tinykit.graph.flatbuffer import FlatbufferError, Table
from tinykit.graph.options import (
    Activation,
    ArithmeticOptions,
    BatchMatMulOptions,
    BlockOptions,
    CallOnceOptions,
    ConcatenationOptions,
    Conv2DOptions,
    CumsumOptions,
    DepthwiseConv2DOptions,
    FullyConnectedOptions,
    GatherOptions,
    IfOptions,
    L2NormOptions,
    LeakyReluOptions,
    LstmOptions,
    MirrorMode,
    MirrorPadOptions,
    Options,
    PackOptions,
    Padding,
    Pool2DOptions,
    ReducerOptions,
    ReshapeOptions,
    ResizeOptions,
    SoftmaxOptions,
    SplitOptions,
    SqueezeOptions,
    StridedSliceOptions,
    SvdfOptions,
    TransposeConvOptions,
    UnpackOptions,
    VarHandleOptions,
    WhileOptions,
)


def read_options(kind: str, table: Table | None) -> Options:
    """The options of an operator of ``kind``; an absent table means the schema's defaults.

    Raises:
        FlatbufferError: an enumeration holds a number the schema does not have.
    """
    reader = _READERS.get(kind)
    if reader is None:
        return Options()
    return reader(table if table is not None else _EMPTY)


# A valid table without any field: vtable (size 4, table size 4), then the table's distance to it.
_EMPTY = Table(b"\x04\x00\x04\x00\x04\x00\x00\x00", 4)


def _activation(t: Table, slot: int) -> Activation:
    number = t.integer(slot, "b")
    try:
        return Activation(number)
    except ValueError:
        raise FlatbufferError(f"fused activation {number} does not exist") from None


def _padding(t: Table, slot: int) -> Padding:
    number = t.integer(slot, "b")
    try:
        return Padding(number)
    except ValueError:
        raise FlatbufferError(f"padding {number} does not exist") from None


def _conv(t: Table) -> Options:
    return Conv2DOptions(
        padding=_padding(t, 0),
        stride=(t.integer(2, "i"), t.integer(1, "i")),
        dilation=(t.integer(5, "i", 1), t.integer(4, "i", 1)),
        activation=_activation(t, 3),
    )


def _depthwise(t: Table) -> Options:
    return DepthwiseConv2DOptions(
        padding=_padding(t, 0),
        stride=(t.integer(2, "i"), t.integer(1, "i")),
        dilation=(t.integer(6, "i", 1), t.integer(5, "i", 1)),
        depth_multiplier=t.integer(3, "i"),
        activation=_activation(t, 4),
    )


def _pool(t: Table) -> Options:
    return Pool2DOptions(
        padding=_padding(t, 0),
        stride=(t.integer(2, "i"), t.integer(1, "i")),
        window=(t.integer(4, "i"), t.integer(3, "i")),
        activation=_activation(t, 5),
    )


def _fully_connected(t: Table) -> Options:
    return FullyConnectedOptions(
        activation=_activation(t, 0), keep_num_dims=t.boolean(2), weights_format=t.integer(1, "b")
    )


def _strided_slice(t: Table) -> Options:
    begin, end, ellipsis, new_axis, shrink_axis = (t.integer(slot, "i") for slot in range(5))
    return StridedSliceOptions(begin, end, ellipsis, new_axis, shrink_axis, t.boolean(5))


def _transpose_conv(t: Table) -> Options:
    return TransposeConvOptions(
        padding=_padding(t, 0), stride=(t.integer(2, "i"), t.integer(1, "i")), activation=_activation(t, 3)
    )


def _mirror_pad(t: Table) -> Options:
    number = t.integer(0, "b")
    try:
        return MirrorPadOptions(MirrorMode(number))
    except ValueError:
        raise FlatbufferError(f"mirror padding {number} does not exist") from None


def _svdf(t: Table) -> Options:
    return SvdfOptions(rank=t.integer(0, "i"), activation=_activation(t, 1))


def _lstm(t: Table) -> Options:
    return LstmOptions(
        activation=_activation(t, 0),
        cell_clip=float(t.scalar(1, "f", 0.0)),
        projection_clip=float(t.scalar(2, "f", 0.0)),
        time_major=t.boolean(3),
        diagonal_recurrent_tensors=t.boolean(5),
    )


def _ints(t: Table, slot: int) -> tuple[int, ...]:
    return tuple(int(v) for v in t.vector(slot, np.int32))


_READERS: dict[str, Callable[[Table], Options]] = {
    "CONV_2D": _conv,
    "DEPTHWISE_CONV_2D": _depthwise,
    **dict.fromkeys(("AVERAGE_POOL_2D", "MAX_POOL_2D", "L2_POOL_2D"), _pool),
    "FULLY_CONNECTED": _fully_connected,
    **dict.fromkeys(("ADD", "SUB"), lambda t: ArithmeticOptions(_activation(t, 0), t.boolean(1, True))),
    **dict.fromkeys(("MUL", "DIV"), lambda t: ArithmeticOptions(_activation(t, 0))),
    "SOFTMAX": lambda t: SoftmaxOptions(float(t.scalar(0, "f", 0.0))),
    "CONCATENATION": lambda t: ConcatenationOptions(t.integer(0, "i"), _activation(t, 1)),
    **dict.fromkeys(("MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN", "REDUCE_ALL"), lambda t: ReducerOptions(t.boolean(0))),
    "PACK": lambda t: PackOptions(t.integer(0, "i"), t.integer(1, "i")),
    "UNPACK": lambda t: UnpackOptions(t.integer(0, "i"), t.integer(1, "i")),
    "RESHAPE": lambda t: ReshapeOptions(_ints(t, 0)),
    "SQUEEZE": lambda t: SqueezeOptions(_ints(t, 0)),
    "LEAKY_RELU": lambda t: LeakyReluOptions(float(t.scalar(0, "f", 0.0))),
    "STRIDED_SLICE": _strided_slice,
    "TRANSPOSE_CONV": _transpose_conv,
    "BATCH_MATMUL": lambda t: BatchMatMulOptions(t.boolean(0), t.boolean(1)),
    "L2_NORMALIZATION": lambda t: L2NormOptions(_activation(t, 0)),
    "GATHER": lambda t: GatherOptions(t.integer(0, "i"), t.integer(1, "i")),
    **dict.fromkeys(("DEPTH_TO_SPACE", "SPACE_TO_DEPTH"), lambda t: BlockOptions(t.integer(0, "i"))),
    "MIRROR_PAD": _mirror_pad,
    **dict.fromkeys(("SPLIT", "SPLIT_V"), lambda t: SplitOptions(t.integer(0, "i"))),
    "RESIZE_BILINEAR": lambda t: ResizeOptions(t.boolean(2), t.boolean(3)),
    "RESIZE_NEAREST_NEIGHBOR": lambda t: ResizeOptions(t.boolean(0), t.boolean(1)),
    "CUMSUM": lambda t: CumsumOptions(t.boolean(0), t.boolean(1)),
    "SVDF": _svdf,
    "UNIDIRECTIONAL_SEQUENCE_LSTM": _lstm,
    "IF": lambda t: IfOptions(t.integer(0, "i"), t.integer(1, "i")),
    "WHILE": lambda t: WhileOptions(t.integer(0, "i"), t.integer(1, "i")),
    "CALL_ONCE": lambda t: CallOnceOptions(t.integer(0, "i")),
    "VAR_HANDLE": lambda t: VarHandleOptions(t.string(0), t.string(1)),
}
