"""RESIZE_BILINEAR (int8, float32) and RESIZE_NEAREST_NEIGHBOR (int8, int16, float32).

Source: TensorFlow Lite ``reference/resize_bilinear.h`` and ``reference/resize_nearest_neighbor.h``. Which elements of
the input an output row or column is made of, and by what shares, is computed here, in their arithmetic: single
precision for float32 and for nearest neighbours, 1024ths for int8.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinykit.compiler.kernels.base import (
    INT8_OR_FLOAT,
    ConstArray,
    In,
    KernelCall,
    LowerContext,
    Lowered,
    Out,
    ParamValue,
    lowers,
    same_types,
)
from tinykit.compiler.kernels.checks import constant, operands, require, require_shape, uint16
from tinykit.graph.options import ResizeOptions
from tinykit.graph.types import DType, Op, Tensor

_HALF = np.float32(0.5)
_SIZES = {
    "sizes that are computed at run time": "make them a constant of the model",
    "sizes above 65535": "make the layer smaller",
}


@dataclass(frozen=True)
class _Axis:
    """One spatial axis: sizes of input and output."""

    size: int
    out: int


@dataclass(frozen=True)
class _Resize:
    source: Tensor
    target: Tensor
    axes: tuple[_Axis, _Axis]
    options: ResizeOptions

    def fields(self) -> dict[str, ParamValue]:
        (height, width), source = self.axes, self.source
        sizes = {"batches": source.shape[0], "in_h": height.size, "in_w": width.size}
        sizes |= {"out_h": height.out, "out_w": width.out}
        return {name: uint16(value, name) for name, value in sizes.items()}

    def call(self, kernel: str, params: dict[str, ParamValue]) -> Lowered:
        return Lowered((KernelCall(kernel, params, (In(self.source.id), Out(self.target.id))),))


def _resize(ctx: LowerContext, op: Op) -> _Resize:
    assert isinstance(op.options, ResizeOptions)
    source, size, target = operands(ctx, op, 2)
    values = constant(size, "size").reshape(-1)
    require(
        len(source.shape) == 4 and len(size.shape) == 1 and size.dtype is DType.INT32 and values.size == 2,
        f"its input {list(source.shape)} is no image of 4 dimensions, or its size is not two int32",
        "convert the model again",
    )
    height, width = (int(v) for v in values)
    require_shape(target, (source.shape[0], height, width, source.shape[3]), "input and size")
    axes = _Axis(source.shape[1], height), _Axis(source.shape[2], width)
    return _Resize(source, target, axes, op.options)


@lowers(
    "RESIZE_NEAREST_NEIGHBOR",
    types=same_types(DType.INT8, DType.INT16, DType.FLOAT32),
    takes="align_corners, half_pixel_centers, both",
    refuses=_SIZES,
    float_exact=True,
)
def lower_nearest(ctx: LowerContext, op: Op) -> Lowered:
    task = _resize(ctx, op)
    rows, columns = (ConstArray("uint16_t", _nearest(axis, task.options), "tables") for axis in task.axes)
    assert task.source.dtype.numpy is not None
    pixel = task.source.shape[3] * task.source.dtype.numpy.itemsize
    return task.call("tk_resize_nearest", {"pixel": pixel, **task.fields(), "rows": rows, "columns": columns})


def _nearest(axis: _Axis, options: ResizeOptions) -> np.ndarray:
    """The input element of each output, (out,), as GetNearestNeighbor computes it."""
    corners = options.align_corners and axis.out > 1
    scale = np.float32(axis.size - corners) / np.float32(axis.out - corners)
    at = np.arange(axis.out).astype(np.float32)
    if options.half_pixel_centers:
        at += _HALF
    at *= scale
    # away from zero in ties, as std::round; nothing is negative
    places = np.floor(at.astype(np.float64) + 0.5) if options.align_corners else np.floor(at)
    return np.minimum(places, axis.size - 1).astype(np.uint16)


@lowers(
    "RESIZE_BILINEAR",
    types=INT8_OR_FLOAT,
    takes="align_corners or half_pixel_centers; int8 is not rescaled",
    refuses={
        **_SIZES,
        "int8 sizes so far apart that resizing in 1024ths leads out of the input": "resize in two steps",
    },
)
def lower_bilinear(ctx: LowerContext, op: Op) -> Lowered:
    task = _resize(ctx, op)
    require(
        not (task.options.align_corners and task.options.half_pixel_centers),
        "it has align_corners and half_pixel_centers",
        "use one of them",
    )
    integer = task.source.dtype is DType.INT8
    steps = [(_steps_of_1024 if integer else _steps)(axis, task.options) for axis in task.axes]
    rows, columns = (
        ConstArray("uint16_t", np.stack([low, high], axis=1).astype(np.uint16), "tables") for low, high, _ in steps
    )
    down, right = (
        ConstArray("int16_t", share.astype(np.int16), "tables") if integer else ConstArray("float", share, "tables")
        for _, _, share in steps
    )
    channels = uint16(task.source.shape[3], "channel count")
    size: dict[str, ParamValue] = {**task.fields(), "channels": channels, "rows": rows, "columns": columns}
    return task.call(f"tk_resize_bilinear_{'s8' if integer else 'f32'}", {"size": size, "down": down, "right": right})


def _steps(axis: _Axis, options: ResizeOptions) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lower and upper input element of each output and the upper one's share, as ComputeInterpolationValues."""
    corners = options.align_corners and axis.out > 1
    scale = np.float32(axis.size - corners) / np.float32(axis.out - corners)
    at = np.arange(axis.out).astype(np.float32)
    at = (at + _HALF) * scale - _HALF if options.half_pixel_centers else at * scale
    low = np.maximum(np.floor(at), 0)
    high = np.minimum(np.ceil(at), axis.size - 1)
    return low, high, (at - low).astype(np.float32)


def _steps_of_1024(axis: _Axis, options: ResizeOptions) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same as ComputeInterpolationValuesInteger, the share in 1024ths.

    Raises:
        Refusal: where rounding leads out of the input.
    """
    corners = options.align_corners and axis.out > 1
    size, out = axis.size - corners, axis.out - corners
    scale = (1024 * size + out // 2) // out
    at = np.arange(axis.out, dtype=np.int64) * scale
    if options.half_pixel_centers:
        at += scale // 2 - 512
    low = np.maximum(np.trunc(at / 1024).astype(np.int64), 0)
    high = np.minimum(np.trunc((at + 1023) / 1024).astype(np.int64), axis.size - 1)
    require(
        int(low.max()) < axis.size and int(high.min()) >= 0,
        f"resizing {axis.size} elements to {axis.out} in 1024ths leads out of the input",
        "resize in two steps",
    )
    return low, high, at - 1024 * low
