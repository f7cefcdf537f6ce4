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
    ConcatenationOptions,
    Conv2DOptions,
    DepthwiseConv2DOptions,
    FullyConnectedOptions,
    LeakyReluOptions,
    Options,
    PackOptions,
    Padding,
    Pool2DOptions,
    ReducerOptions,
    ReshapeOptions,
    SoftmaxOptions,
    SqueezeOptions,
    StridedSliceOptions,
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


def _ints(t: Table, slot: int) -> tuple[int, ...]:
    return tuple(int(v) for v in t.vector(slot, np.int32))


_READERS: dict[str, Callable[[Table], Options]] = {
    "CONV_2D": _conv,
    "DEPTHWISE_CONV_2D": _depthwise,
    "AVERAGE_POOL_2D": _pool,
    "MAX_POOL_2D": _pool,
    "FULLY_CONNECTED": _fully_connected,
    "ADD": lambda t: ArithmeticOptions(_activation(t, 0)),
    "SUB": lambda t: ArithmeticOptions(_activation(t, 0)),
    "MUL": lambda t: ArithmeticOptions(_activation(t, 0)),
    "SOFTMAX": lambda t: SoftmaxOptions(float(t.scalar(0, "f", 0.0))),
    "CONCATENATION": lambda t: ConcatenationOptions(t.integer(0, "i"), _activation(t, 1)),
    **dict.fromkeys(("MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN"), lambda t: ReducerOptions(t.boolean(0))),
    "PACK": lambda t: PackOptions(t.integer(1, "i")),
    "RESHAPE": lambda t: ReshapeOptions(_ints(t, 0)),
    "SQUEEZE": lambda t: SqueezeOptions(_ints(t, 0)),
    "LEAKY_RELU": lambda t: LeakyReluOptions(float(t.scalar(0, "f", 0.0))),
    "STRIDED_SLICE": _strided_slice,
}
