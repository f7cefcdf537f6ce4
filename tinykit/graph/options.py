"""Operator options as typed values, one dataclass per builtin-options table that tinykit understands.

Field meaning and numbering follow the public TFLite schema (schema.fbs, table ``<Name>Options``).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Padding(enum.Enum):
    SAME = 0
    VALID = 1


class MirrorMode(enum.Enum):
    """What MIRROR_PAD repeats: REFLECT leaves out the element at the edge, SYMMETRIC repeats it as well."""

    REFLECT = 0
    SYMMETRIC = 1


class Activation(enum.Enum):
    """Fused activation, numbered as in the schema's ``ActivationFunctionType``."""

    NONE = 0
    RELU = 1
    RELU_N1_TO_1 = 2
    RELU6 = 3
    TANH = 4
    SIGN_BIT = 5


@dataclass(frozen=True)
class Margins:
    """Rows and columns of padding around an input. Stands in place of SAME/VALID once a PAD was fused."""

    top: int
    bottom: int
    left: int
    right: int


@dataclass(frozen=True)
class Options:
    """No options, or options of an operator that tinykit does not read."""


@dataclass(frozen=True)
class Conv2DOptions(Options):
    padding: Padding | Margins
    stride: tuple[int, int]
    """(height, width)"""
    dilation: tuple[int, int]
    activation: Activation


@dataclass(frozen=True)
class DepthwiseConv2DOptions(Options):
    padding: Padding | Margins
    stride: tuple[int, int]
    dilation: tuple[int, int]
    depth_multiplier: int
    activation: Activation


@dataclass(frozen=True)
class Pool2DOptions(Options):
    padding: Padding | Margins
    stride: tuple[int, int]
    window: tuple[int, int]
    activation: Activation


@dataclass(frozen=True)
class FullyConnectedOptions(Options):
    activation: Activation
    keep_num_dims: bool
    weights_format: int


@dataclass(frozen=True)
class ArithmeticOptions(Options):
    """ADD, SUB, MUL, DIV. ``pot_scale_int16`` (ADD and SUB alone): int16 scales are powers of two."""

    activation: Activation
    pot_scale_int16: bool = True


@dataclass(frozen=True)
class SoftmaxOptions(Options):
    beta: float


@dataclass(frozen=True)
class ConcatenationOptions(Options):
    axis: int
    activation: Activation


@dataclass(frozen=True)
class ReducerOptions(Options):
    """MEAN, SUM, REDUCE_MAX, REDUCE_MIN, REDUCE_ALL."""

    keep_dims: bool


@dataclass(frozen=True)
class PackOptions(Options):
    count: int
    axis: int


@dataclass(frozen=True)
class UnpackOptions(Options):
    count: int
    axis: int


@dataclass(frozen=True)
class ReshapeOptions(Options):
    new_shape: tuple[int, ...]


@dataclass(frozen=True)
class SqueezeOptions(Options):
    dims: tuple[int, ...]


@dataclass(frozen=True)
class LeakyReluOptions(Options):
    alpha: float


@dataclass(frozen=True)
class StridedSliceOptions(Options):
    begin_mask: int
    end_mask: int
    ellipsis_mask: int
    new_axis_mask: int
    shrink_axis_mask: int
    offset: bool


@dataclass(frozen=True)
class TransposeConvOptions(Options):
    padding: Padding
    stride: tuple[int, int]
    """(height, width)"""
    activation: Activation


@dataclass(frozen=True)
class BatchMatMulOptions(Options):
    adjoint_x: bool
    adjoint_y: bool


@dataclass(frozen=True)
class L2NormOptions(Options):
    activation: Activation


@dataclass(frozen=True)
class GatherOptions(Options):
    axis: int
    batch_dims: int


@dataclass(frozen=True)
class BlockOptions(Options):
    """DEPTH_TO_SPACE, SPACE_TO_DEPTH."""

    size: int


@dataclass(frozen=True)
class MirrorPadOptions(Options):
    mode: MirrorMode


@dataclass(frozen=True)
class SplitOptions(Options):
    """SPLIT, SPLIT_V."""

    count: int


@dataclass(frozen=True)
class ResizeOptions(Options):
    """RESIZE_BILINEAR, RESIZE_NEAREST_NEIGHBOR."""

    align_corners: bool
    half_pixel_centers: bool


@dataclass(frozen=True)
class CumsumOptions(Options):
    exclusive: bool
    reverse: bool


@dataclass(frozen=True)
class SvdfOptions(Options):
    rank: int
    activation: Activation


@dataclass(frozen=True)
class LstmOptions(Options):
    """UNIDIRECTIONAL_SEQUENCE_LSTM. A clip of 0 is none."""

    activation: Activation
    cell_clip: float
    projection_clip: float
    time_major: bool
    diagonal_recurrent_tensors: bool


@dataclass(frozen=True)
class IfOptions(Options):
    """Indices of subgraphs."""

    then_subgraph: int
    else_subgraph: int


@dataclass(frozen=True)
class WhileOptions(Options):
    """Indices of subgraphs."""

    condition_subgraph: int
    body_subgraph: int


@dataclass(frozen=True)
class CallOnceOptions(Options):
    """The index of a subgraph."""

    init_subgraph: int


@dataclass(frozen=True)
class VarHandleOptions(Options):
    """What names a resource variable."""

    container: str
    shared_name: str
