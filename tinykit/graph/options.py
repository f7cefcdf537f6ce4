"""Operator options as typed values, one dataclass per builtin-options table that tinykit understands.

Field meaning and numbering follow the public TFLite schema (schema.fbs, table ``<Name>Options``).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Padding(enum.Enum):
    SAME = 0
    VALID = 1


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
    """ADD, SUB, MUL."""

    activation: Activation


@dataclass(frozen=True)
class SoftmaxOptions(Options):
    beta: float


@dataclass(frozen=True)
class ConcatenationOptions(Options):
    axis: int
    activation: Activation


@dataclass(frozen=True)
class ReducerOptions(Options):
    """MEAN, SUM, REDUCE_MAX, REDUCE_MIN."""

    keep_dims: bool


@dataclass(frozen=True)
class PackOptions(Options):
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
